"""How fast a memory is built, beside the suffix array alone, which is most of it. Knows nothing of folders."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from foretype.model import segment
from foretype.training.bench.clock import seconds


def measure(files: Sequence[tuple[str, bytes]]) -> dict[str, float]:
    """Return megabytes of text per second for a segment's index and for its suffix array alone."""
    from pydivsufsort import divsufsort

    whole = np.frombuffer(
        bytearray(b"\0".join(text for _, text in files)), np.uint8
    )  # writable: the library asks for it
    building = seconds(lambda: segment.build(files))
    sorting = seconds(lambda: divsufsort(whole))
    megabytes = len(whole) / 1e6
    return {"text_mb": megabytes, "build_mb_per_s": megabytes / building, "sort_mb_per_s": megabytes / sorting}
