"""How well what would serve predicts text it has not learnt from: bits per byte over whole held-out files.

Uses the exported engine, not the network that was trained, so that the 8-bit form is judged.
"""

from __future__ import annotations

from collections.abc import Sequence

from foretype.model.engine import Engine
from foretype.model.score import score
from foretype.training.batches import Text

MAX_BYTES = 1 << 18
"""Enough for a figure that is stable to a hundredth of a bit; more costs only time."""


def bits_per_byte(engine: Engine, files: Sequence[Text], max_bytes: int = MAX_BYTES) -> float:
    """Return bits per byte over the start of every file, `max_bytes` in all."""
    share = max(1, max_bytes // len(files))
    texts = [(file.header, file.text[:share]) for file in files]
    bits = sum(score(engine, opening, text) for opening, text in texts)
    return bits / sum(len(text) for _, text in texts)
