"""Many short words looked for in a text at once; see native/anchors.h. Knows nothing of what they announce."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence

import numpy as np

from foretype.model.native import CAnchors, as_bytes, library, pointer

_MOST_WORDS = 254
_ROOM = 1024
"""Places that are listed at a time."""


class Anchors:
    """Hold words of at least two bytes each."""

    def __init__(self, words: Sequence[bytes]) -> None:
        """Prepare to look for `words`."""
        assert 0 < len(words) <= _MOST_WORDS, "a byte counts the words"
        assert all(len(word) > 1 for word in words), "words are found by their first two bytes"
        self._head, self._next = np.zeros(1 << 16, np.uint8), np.zeros(len(words), np.uint8)
        for number, word in enumerate(words):
            pair = word[0] << 8 | word[1]
            self._next[number], self._head[pair] = self._head[pair], number + 1
        self._bytes = as_bytes(b"".join(words))
        self._starts = np.cumsum([0, *map(len, words)], dtype=np.uint32)
        self._bare = CAnchors(
            pointer(self._head, np.uint8),
            pointer(self._next, np.uint8),
            pointer(self._bytes, np.uint8),
            pointer(self._starts, np.uint32),
        )

    def places(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Yield (place, word) of every word in `text`, also of those that overlap, ascending by place."""
        array, start = as_bytes(text), np.zeros(1, np.uint32)
        places, words = np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.uint8)
        while start[0] < len(text):
            found = library().ft_anchors_find(
                ctypes.byref(self._bare),
                pointer(array, np.uint8),
                len(array),
                pointer(start, np.uint32),
                _ROOM,
                pointer(places, np.uint32),
                pointer(words, np.uint8),
            )
            yield from zip(places[:found].tolist(), words[:found].tolist(), strict=True)
