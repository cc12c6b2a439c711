"""Which bytes before the caret the network reads: a window whose start depends on the text alone.

A long document must not be fed whole, and where feeding starts must be the same for an edited document and for one
opened fresh, or their states would differ. So the start is chosen by content: of the line starts within reach, the
one whose following bytes hash lowest (winnowing, Schleimer et al. 2003, section 3), which stays put while the user
types and does not move when something changes further up. Knows nothing of networks or documents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foretype.model.tokens import NEWLINE

NEAREST_BYTES = 1024
"""A window reaches back at least this far, where the document does."""
FARTHEST_BYTES = 4096
"""And at most this far: replaying it must stay well under the time a person notices."""
TAIL_BYTES = FARTHEST_BYTES + 1
"""What a document hands over: the window and the byte before it, which tells whether it starts a line."""

_HASHED_BYTES = 32
"""Long enough to tell lines apart that start with the same indentation and word."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: spreads neighbouring values (Knuth, TAOCP 6.4)


@dataclass(frozen=True, slots=True)
class Prefix:
    """Hold the text before a caret, as much of it as a window can need."""

    tail: bytes
    """The last bytes before the caret, at least `TAIL_BYTES` of them unless the document has fewer."""
    at_start: bool
    """Whether `tail` begins where the document begins."""

    @classmethod
    def of(cls, before: bytes) -> Prefix:
        """Return the prefix whose whole text is `before`."""
        return cls(before[-TAIL_BYTES:], len(before) <= TAIL_BYTES)


def window(prefix: Prefix) -> bytes:
    """Return the bytes to read: all of a short prefix, otherwise its last `NEAREST_BYTES` to `FARTHEST_BYTES`."""
    if prefix.at_start and len(prefix.tail) <= FARTHEST_BYTES:
        return prefix.tail
    tail = prefix.tail[-TAIL_BYTES:]
    candidates = np.frombuffer(tail, np.uint8)[: len(tail) - NEAREST_BYTES]
    starts = np.flatnonzero(candidates == NEWLINE) + 1
    if not starts.size:  # one endless line: any place in it may be the start
        starts = np.arange(1, len(candidates) + 1)
    hashes = _hashes(tail, starts)
    return tail[int(starts[len(starts) - 1 - int(np.argmin(hashes[::-1]))]) :]


def _hashes(tail: bytes, starts: NDArray[np.intp]) -> NDArray[np.uint64]:
    offsets = starts[:, None] + np.arange(_HASHED_BYTES)
    words = np.ascontiguousarray(np.frombuffer(tail, np.uint8)[offsets]).view(np.uint64)
    mixed = np.zeros(len(starts), np.uint64)
    for column in words.T:
        mixed = (mixed ^ column) * _MULTIPLIER
        mixed ^= mixed >> np.uint64(32)
    return mixed
