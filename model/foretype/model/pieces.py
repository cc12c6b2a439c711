"""Bytes cut into pieces: words, runs of marks and of blanks, line ends with the indentation after them.

A cut depends on the kind of the piece so far and the next byte alone, so a text that grows never changes where it was
cut before. A blank belongs to the word or mark that follows it; control symbols stand alone. What UTF-8 writes after
the bytes C2 and E2 (signs, quotation marks, dashes) counts as a mark, all else above ASCII as part of a word.
Knows nothing of vocabularies.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

ENDS = -1
"""The byte does not go on with the piece but begins another."""
OPEN = 0
"""Nothing was read: every byte begins a piece."""
ALONE = 1
"""A byte that is a piece by itself."""
_BLANK, _BLANKS, _WORD, _MARKS, _BREAK, _INDENT = 2, 3, 4, 5, 6, 7
KINDS = 8

_CONTINUATIONS = range(0x80, 0xC0)
_SIGN_LEADS = (0xC2, 0xE2)


@cache
def transitions() -> NDArray[np.int8]:
    """Return (KINDS, 256): of which kind a piece is after each byte, or ENDS. Read-only."""
    blanks, breaks, words, marks = _classes()
    table = np.full((KINDS, 256), ENDS, np.int8)
    table[OPEN] = ALONE
    for first, kind in ((words, _WORD), (marks, _MARKS), (breaks, _BREAK), ([0x09], _BLANKS), ([0x20], _BLANK)):
        table[OPEN, first] = kind
    for before, following, kind in (
        (_BLANK, blanks, _BLANKS),
        (_BLANK, words, _WORD),
        (_BLANK, marks, _MARKS),
        (_BLANKS, blanks, _BLANKS),
        (_WORD, words, _WORD),
        (_MARKS, [*marks, *_CONTINUATIONS], _MARKS),
        (_BREAK, breaks, _BREAK),
        (_BREAK, blanks, _INDENT),
        (_INDENT, blanks, _INDENT),
    ):
        table[before, following] = kind
    table.setflags(write=False)
    return table


def pieces(text: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield the pieces of `text`, each with its kind; joined they are the text."""
    table: list[list[int]] = transitions().tolist()
    start, row, kind = 0, table[OPEN], OPEN
    for place, byte in enumerate(text):
        following = row[byte]
        if following == ENDS:
            yield text[start:place], kind
            start, following = place, table[OPEN][byte]
        if following != kind:
            kind, row = following, table[following]
    if text:
        yield text[start:], kind


def _classes() -> tuple[list[int], list[int], list[int], list[int]]:
    """Return which bytes are blanks, line ends, parts of words and marks."""
    words = [byte for byte in range(0x80) if chr(byte).isalnum() or byte == ord("_")]
    words += [byte for byte in range(0x80, 0xF5) if byte not in (*_SIGN_LEADS, 0xC0, 0xC1)]
    marks = [byte for byte in range(0x21, 0x7F) if byte not in words]
    return [0x20, 0x09], [0x0A], words, [*marks, *_SIGN_LEADS]
