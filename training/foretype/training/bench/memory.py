"""How fast a folder is remembered, part by part, beside the suffix array alone.

The parts are timed alone; in a run, suffix array and transform have one thread and the structures another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from foretype.model import files, indexing, postings, secrets, segment
from foretype.training.bench.clock import seconds

PARTS = ("reading", "secrets", "suffixes", "transform", "structures", "digests", "writing")
_RUNS = 3


def measure(texts: Sequence[tuple[str, bytes]], folder: Path) -> dict[str, float]:
    """Return megabytes a second of a folder, of a segment and of its suffix array, and milliseconds of each part.

    `folder` is a place to write to.
    """
    from pydivsufsort import divsufsort

    paths = _lay_out(texts, folder / "project")
    text = np.frombuffer(b"\0" + b"".join(text + b"\0" for _, text in texts), np.uint8)
    backwards = np.ascontiguousarray(text[::-1])
    suffixes, built = divsufsort(backwards), segment.build(texts)
    parts = {
        "reading": _best(lambda _: [files.read_text(path) for path in paths]),
        "secrets": _best(lambda _: [secrets.scrub(text) for _, text in texts]),
        "suffixes": _best(lambda _: divsufsort(backwards)),
        "transform": _best(lambda _: segment.transform(backwards, suffixes)),
        "structures": _best(lambda _: postings.build(text)),
        "digests": _best(lambda _: [segment.digest_of(text) for _, text in texts]),
        "writing": _best(lambda run: segment.save(built, folder / f"segment-{run}")),
    }
    whole = _best(lambda run: indexing.refresh(folder / f"memory-{run}", folder / "project"))
    megabytes = len(text) / 1e6
    return {
        "text_mb": megabytes,
        "index_mb_per_s": megabytes / whole,
        "build_mb_per_s": megabytes / _best(lambda _: segment.build(texts)),
        "sort_mb_per_s": megabytes / parts["suffixes"],
        **{f"{name}_ms": 1e3 * parts[name] for name in PARTS},
    }


def _best(work: Callable[[int], object]) -> float:
    """Return the seconds of the fastest run; `work` is told which run it is."""
    return min(seconds(partial(work, run)) for run in range(_RUNS))


def _lay_out(texts: Sequence[tuple[str, bytes]], folder: Path) -> list[Path]:
    for name, text in texts:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text)
    return [folder / name for name, _ in texts]
