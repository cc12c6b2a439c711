"""Many to one: read a text and tell its language and what each of its lines is, from the hidden state alone.

The header that opens the text hides its path and language. States are looked at every `STRIDE` bytes, where their mean
tells the language, and at the end of every line as well, where they tell the kind of what was read since the last look.
Knows nothing of files.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from foretype.model.engine import Engine
from foretype.model.readout import KINDS, Floats, Readout, features
from foretype.model.tokens import NEWLINE, header

STRIDE = 20
"""Bytes between two looks: shorter ones read a text more slowly and hardly better."""
HIDDEN_HEADER = header("", "")
"""Opens a text of which nothing is known."""

_BLANKS = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Classification:
    """Hold what was read from the states along a text."""

    languages: dict[str, float]
    """Probability of each language, likeliest first."""
    kinds: dict[str, float]
    """Share of each kind in the visible bytes; all are 0 where there are none."""
    lines: tuple[str | None, ...]
    """Kind of each line, None for a blank one."""

    @property
    def language(self) -> str:
        """The likeliest language."""
        return next(iter(self.languages))


def classify(engine: Engine, readout: Readout, text: bytes) -> Classification:
    """Read a text that is not empty and tell what it is; the same text gives the same answer."""
    stops = _stops(text)
    rows = _states(engine, text, stops)
    seen = [row for row, stop in enumerate(stops) if stop % STRIDE == 0] or [len(rows) - 1]
    languages = readout.language.probabilities(rows[seen].mean(axis=0, keepdims=True))[0]
    kinds = readout.kind.probabilities(rows).argmax(axis=1)
    order = np.argsort(-languages, kind="stable")
    counted = _count(text, stops, kinds.tolist())
    return Classification(
        {readout.language.labels[i]: float(languages[i]) for i in order},
        {kind: float(share) for kind, share in zip(KINDS, counted.sum(axis=0) / max(1, counted.sum()), strict=True)},
        tuple(KINDS[int(line.argmax())] if line.any() else None for line in counted),
    )


def _stops(text: bytes) -> list[int]:
    """Return after how many bytes the state is looked at."""
    found = {*range(STRIDE, len(text), STRIDE), len(text)}
    start = 0
    for line in text.split(b"\n"):
        visible = len(line.rstrip(_BLANKS))
        if visible:
            found.add(start + visible)
        start += len(line) + 1
    return sorted(found)


def _states(engine: Engine, text: bytes, stops: list[int]) -> Floats:
    """Return the features (stops, features) of the state after each stop."""
    _, state = engine.read(HIDDEN_HEADER, engine.zero_state())
    rows, start = [], 0
    for stop in stops:
        _, state = engine.read(text[start:stop], state)
        rows.append(features(state)[0])
        start = stop
    return np.stack(rows)


def _count(text: bytes, stops: list[int], kinds: list[int]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Return (lines, kinds): how many visible bytes of a line are of each kind."""
    blank = set(_BLANKS)
    counted = np.zeros((text.count(b"\n") + 1, len(KINDS)), np.int64)
    line = start = 0
    for stop, kind in zip(stops, kinds, strict=True):
        for byte in text[start:stop]:
            if byte == NEWLINE:
                line += 1
            elif byte not in blank:
                counted[line, kind] += 1
        start = stop
    return counted
