"""What a key costs in documents of more and more lines, over stdio. Knows nothing of what the server does."""

from __future__ import annotations

from pathlib import Path

from foretype.model.registry import DATA_DIR_VARIABLE
from foretype.training.bench.clock import WARM_UPS, percentiles
from foretype.training.bench.curve import Curve, Row, up_to
from foretype.training.bench.typist import Typist
from foretype.training.lsp_client import SERVER, LspClient

_LINES = (100, 1_000, 10_000, 100_000, 435_000)
"""The last is 10 MB."""
_KEYS = 100


def measure(data_dir: Path, share: float) -> Curve:
    """Return milliseconds of edit and request: speculated meanwhile, and asked for at once."""
    with LspClient(SERVER, {DATA_DIR_VARIABLE: str(data_dir)}) as client:
        client.initialize()
        rows = tuple(_row(client, lines) for lines in up_to(share, _LINES))
    panels = (("milliseconds", ("speculated_p50_ms", "speculated_p99_ms", "asked_p50_ms", "asked_p99_ms")),)
    return Curve("keystroke", "A key, by the document's lines", "lines", panels, rows)


def _row(client: LspClient, lines: int) -> Row:
    typist = Typist(client, lines)
    speculated = typist.with_pauses(WARM_UPS + _KEYS)[WARM_UPS:]
    asked = typist.at_once(_KEYS, by_hand=False)
    typist.close()
    return {"lines": lines, **percentiles("speculated_", speculated), **percentiles("asked_", asked)}
