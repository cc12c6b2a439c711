"""Judge contenders on held-out files: bits, finished lines, keys saved, size and speed, one row each.

Knows nothing of options or terminals.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from foretype.training.baselines import ppmd
from foretype.training.batches import Text
from foretype.training.contenders import Contender
from foretype.training.line_completion import Cut, finish_lines, type_greedily

_SCORED_BYTES = 20_000
_TYPED_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """Hold what is known of one contender; None where it cannot be asked."""

    name: str
    bits_per_byte: float
    characters_saved: float | None
    exact_match: float | None
    edit_similarity: float | None
    nbytes: int
    train_seconds: float
    microseconds_per_character: float


def judge(contender: Contender, held_out: Sequence[Text], places: Sequence[Cut]) -> Row:
    """Return a contender's row."""
    share = max(1, _SCORED_BYTES // len(held_out))
    began = time.perf_counter()
    bits = sum(contender.open(file.header).read(file.text[:share]) for file in held_out)
    seconds = time.perf_counter() - began
    nbytes = sum(len(file.text[:share]) for file in held_out)
    lines = finish_lines(contender.open, places)
    tally = type_greedily(contender.open, held_out, _TYPED_CHARACTERS)
    return Row(
        contender.name,
        bits / nbytes,
        tally.saved_share,
        lines.exact_match,
        lines.edit_similarity,
        contender.nbytes,
        contender.seconds,
        1e6 * seconds / nbytes,
    )


def judge_ppmd(known: Sequence[Text], held_out: Sequence[Text], order: int) -> Row:
    """Return the row of PPMd, which can be asked for nothing but sizes."""
    share = max(1, _SCORED_BYTES // len(held_out))
    texts = [file.text[:share] for file in held_out]
    project = b"".join(text.text + b"\0" for text in known)
    began = time.perf_counter()
    cost = ppmd(order, project)
    trained = time.perf_counter() - began
    began = time.perf_counter()
    bits = sum(map(cost, texts))
    nbytes = sum(map(len, texts))
    seconds = max(0.0, time.perf_counter() - began - len(texts) * trained)
    return Row(f"ppmd {order}", bits / nbytes, None, None, None, len(project), trained, 1e6 * seconds / nbytes)
