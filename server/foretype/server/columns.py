"""Texts side by side in a terminal, each wrapped in a column of its own. Knows nothing of where they come from."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import zip_longest

_GAP = "  "
_NARROWEST = 16
"""Narrower columns cannot be read; what does not fit beside the others stands below them."""
_TAB_STOP = 4


def side_by_side(titles: Sequence[str], texts: Sequence[str], width: int) -> str:
    """Return the texts under their titles, in lines of at most `width` cells where a column has room for one word."""
    abreast = max(1, min(len(texts), (width + len(_GAP)) // (_NARROWEST + len(_GAP))))
    cells = max(_NARROWEST, (width + len(_GAP)) // abreast - len(_GAP))
    columns = [
        [title, "-" * min(cells, len(title)), *_wrapped(text, cells)] for title, text in zip(titles, texts, strict=True)
    ]
    rows = [columns[start : start + abreast] for start in range(0, len(columns), abreast)]
    return "\n\n".join("\n".join(_lines(row, cells)) for row in rows)


def _lines(columns: Sequence[Sequence[str]], cells: int) -> Iterator[str]:
    for parts in zip_longest(*columns, fillvalue=""):
        yield _GAP.join(part + " " * (cells - sum(map(_cells, part))) for part in parts).rstrip()


def _wrapped(text: str, cells: int) -> Iterator[str]:
    """Yield the lines of a text, cut wherever they are full: what a network writes need not have words."""
    for line in text.expandtabs(_TAB_STOP).split("\n"):
        room, part = cells, ""
        for character in line:
            if (taken := _cells(character)) > room:
                yield part
                room, part = cells, ""
            part += character
            room -= taken
        yield part


def _cells(character: str) -> int:
    """Return how many cells of a terminal a character takes (Unicode Standard Annex 11)."""
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
