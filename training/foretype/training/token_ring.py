"""Texts as tokens, one after another as on a tape, and a ring of them in any order, read a stretch at a time.

The tape lies where a `TextStore` lies: in memory, or on disk if it is large. Knows nothing of batches.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foretype.model.registry import data_dir
from foretype.model.vocabulary import Tokens, Vocabulary
from foretype.training.text_store import TextStore


class TokenTape:
    """Hold the tokens of many texts, each behind those that open it."""

    def __init__(self, vocabulary: Vocabulary, store: TextStore | None = None) -> None:
        """Start empty; by default what does not fit in memory lies in the data directory."""
        self.nbytes = 0
        """Bytes that all tokens stand for."""
        self.lengths: list[int] = []
        """Tokens of every text."""
        self._vocabulary = vocabulary
        self._dtype = vocabulary.encode(b"").dtype
        self._store = store or TextStore(data_dir())

    @property
    def tokens(self) -> int:
        """How many there are."""
        return self._store.nbytes // self._dtype.itemsize

    def add(self, header: bytes, text: bytes) -> None:
        """Append a text; a full disk raises OSError."""
        tokens = self._vocabulary.encode(header + text)
        self._store.add(tokens.tobytes())
        self.lengths.append(len(tokens))
        self.nbytes += len(header) + len(text)

    def read(self, start: int, count: int) -> Tokens:
        """Return `count` tokens from token `start` as an array that must not be written to."""
        size = self._dtype.itemsize
        return np.frombuffer(self._store.read(start * size, count * size), self._dtype)


class Ring:
    """Read some of a tape's texts in an order of one's own, the first one again behind the last."""

    def __init__(self, tape: TokenTape, order: NDArray[np.int64]) -> None:
        """Put the texts numbered by `order` one after another."""
        lengths = np.array(tape.lengths, np.int64)
        self._tape = tape
        self._order = order
        self._lengths = lengths[order]
        self._places = (np.cumsum(lengths) - lengths)[order]
        self._starts = np.cumsum(self._lengths) - self._lengths
        self.tokens = int(self._lengths.sum())
        """Once around."""

    def text_at(self, offset: int) -> int:
        """Return the number of the text that token `offset` belongs to."""
        return int(self._order[self._index(offset % self.tokens)])

    def read(self, offset: int, count: int) -> Tokens:
        """Return a new array of `count` tokens from token `offset`, both counted around as often as needed."""
        stretches = []
        while count:
            offset %= self.tokens
            index = self._index(offset)
            within = offset - int(self._starts[index])
            length = min(count, int(self._lengths[index]) - within)
            stretches.append(self._tape.read(int(self._places[index]) + within, length))
            offset, count = offset + length, count - length
        return np.concatenate(stretches)

    def _index(self, offset: int) -> int:
        return int(np.searchsorted(self._starts, offset, side="right")) - 1
