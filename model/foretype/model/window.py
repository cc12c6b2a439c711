"""Which bytes before the caret are read: a window whose start depends on the text alone.

A long document must not be read whole, and where reading starts must be the same for an edited document and for one
opened fresh, or their states would differ. So the start is chosen by content: of the line starts within reach, the
one whose following bytes hash lowest (winnowing, Schleimer et al. 2003, section 3), which stays put while the user
types and does not move when something changes further up. Knows nothing of networks, memories or documents.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foretype.model.tokens import NEWLINE


@dataclass(frozen=True, slots=True)
class Reach:
    """Say how far back a window starts, in bytes: at least `nearest`, where the text does, and at most `farthest`."""

    nearest: int
    farthest: int


NETWORK = Reach(1024, 4096)
"""Replaying it must stay well under the time a person notices."""
MEMORY = Reach(1 << 15, 1 << 16)
"""What the document's memory holds: a thousand lines, indexed in a few milliseconds."""
TAIL_BYTES = MEMORY.farthest + 1
"""What a document hands over: the widest window and the byte before it, which tells whether it starts a line."""
AFTER_BYTES = 1 << 14
"""How much of the text right of the caret a document hands over."""

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

    def then(self, text: bytes) -> Prefix:
        """Return the prefix that follows when `text` is put before the caret."""
        whole = self.tail + text
        return Prefix(whole[-TAIL_BYTES:], self.at_start and len(whole) <= TAIL_BYTES)


def window(prefix: Prefix, reach: Reach = NETWORK) -> bytes:
    """Return the bytes to read: all of a short prefix, otherwise its last `reach.nearest` to `reach.farthest`."""
    if prefix.at_start and len(prefix.tail) <= reach.farthest:
        return prefix.tail
    tail = prefix.tail[-reach.farthest - 1 :]
    candidates = np.frombuffer(tail, np.uint8)[: len(tail) - reach.nearest]
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
