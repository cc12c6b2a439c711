"""Where a suggestion comes from: the place in the project whose text resembles it most.

Knows nothing of how suggestions are made; a memory is asked for the longest text that stands before the caret and, with
the suggestion after it, in one of its files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foretype.model.segment import Mask, Segment

_LONGEST_CONTEXT_BYTES = 64
_MOST_PLACES = 64
"""Of one context, that are looked at for one in a file that may answer."""


@dataclass(frozen=True, slots=True)
class Source:
    """Name a place in a project's files."""

    key: str
    line: int
    """From 1, of the suggestion's first character."""
    matched: int
    """Bytes before the caret that stand there too."""


def source_of(segments: Sequence[tuple[Segment, Mask]], before: bytes, text: bytes) -> Source | None:
    """Return where `text` stands after the longest end of `before`; None where it stands nowhere.

    Silent files do not count. Of equals the newest segment's wins.
    """
    found = [source for segment, mask in segments if (source := _source_in(segment, mask, before, text)) is not None]
    return max(reversed(found), key=lambda source: source.matched, default=None)


def _source_in(segment: Segment, mask: Mask, before: bytes, text: bytes) -> Source | None:
    longest = min(_LONGEST_CONTEXT_BYTES, len(before))
    for matched in range(longest, -1, -1):
        rows = segment.rows_after(before[len(before) - matched :] + text)[:_MOST_PLACES]
        answering = next((row for row in rows if not _is_silent(mask, row)), None)
        if answering is not None:
            file, end = segment.place_of(answering)
            return Source(file.key, segment.text_of(file)[: end - len(text)].count(b"\n") + 1, matched)
    return None


def _is_silent(mask: Mask, row: int) -> bool:
    at = int(np.searchsorted(mask.rows, np.uint32(row)))  # of a large file there are a million
    return at < len(mask.rows) and bool(mask.rows[at] == row)
