"""Gaps in a text, as a caret in the middle of a file meets them: what is missing, and where the text goes on.

A stretch of a document is cut into gaps one after another. Each ends within a line, as inside brackets, or with a
line's text, some lines further down; what stands right of its end is what stands right of the caret while it is typed.
Nothing has to be cut out for that: left of every place in a gap stands the document itself. Knows nothing of networks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from foretype.model.tokens import NEWLINE

WITHIN_LINE = 0.45
"""Share of the gaps that end within a line."""
_BEFORE_CLOSING = 0.5
"""Share of those that end before what closes the line, where something does."""
_MORE_LINES = 0.5
"""How likely a gap of lines takes in one more."""
_LONGEST = 320
_CLOSING = frozenset(b")]}>\"'`;:,.")


@dataclass(frozen=True, slots=True)
class Gap:
    """Hold what is missing, as a range of offsets; the text right of the caret begins at its end."""

    start: int
    end: int


def gaps(text: bytes, length: int, draws: np.random.Generator) -> Iterator[Gap]:
    """Yield gaps that cover the first `length` bytes of `text`, each with something to read right of it."""
    start = 0
    while start < length:
        end = end_within_line(text, start, draws) if draws.random() < WITHIN_LINE else None
        end = end_of_lines(text, start, draws) if end is None else end
        if end >= length or not text[end:].strip():
            return
        yield Gap(max(start, end - _LONGEST), end)
        start = end if text[end] != NEWLINE else end + int(draws.integers(2))


def end_within_line(text: bytes, start: int, draws: np.random.Generator) -> int | None:
    """Return where a word or a run of signs begins that goes on to the line's end, None where there is none."""
    stop = _line_end(text, start)
    places = [place for place in range(start + 1, stop) if not (_is_word(text[place - 1]) and _is_word(text[place]))]
    if not places:
        return None
    closing = stop
    while closing - 1 > start and text[closing - 1] in _CLOSING:
        closing -= 1
    if closing < stop and draws.random() < _BEFORE_CLOSING:
        return closing
    return places[int(draws.integers(len(places)))]


def end_of_lines(text: bytes, start: int, draws: np.random.Generator) -> int:
    """Return where the text of a line ends, this one's or one further down."""
    end = _line_end(text, start)
    while draws.random() < _MORE_LINES and end < len(text):
        end = _line_end(text, end + 1)
    return end


def _line_end(text: bytes, start: int) -> int:
    end = text.find(bytes([NEWLINE]), start)
    return len(text) if end < 0 else end


def _is_word(byte: int) -> bool:
    return chr(byte).isalnum() or byte == ord("_") or byte >= 0x80
