"""Where a text stands within one of its pieces, as a network of words sees that: a value, like every state.

The piece under way may be about to become a token of several bytes, or is being spelt byte by byte. How likely each is
after the bytes so far is a `Piece`; what may come next is a `Place`. Both follow the forward algorithm of hidden Markov
models (Rabiner 1989, section III A), with the token under way as what is hidden: a sum over all tokens that the text
can turn out to be made of. Knows nothing of how a network computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foretype.model.pieces import ENDS, OPEN, transitions
from foretype.model.state import State
from foretype.model.tokens import VOCAB_SIZE
from foretype.model.vocabulary import Vocabulary

_LEAST = 1e-100
"""Of a piece's being spelt, which is always possible: after a long word that is nearly certain it must not vanish."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold the bytes of the piece under way and what it may become; the probabilities sum to one."""

    read: bytes
    kind: int
    tokens: range
    """Of all pieces of several bytes that begin so; the bytes so far come first, if they are one."""
    whole: NDArray[np.float64]
    """How likely each of these is."""
    spelt: float
    """How likely it is that the piece is spelt."""
    token: int | None
    """Of the bytes so far, if they are a piece of several bytes that has one."""

    @classmethod
    def begun(cls, byte: int, following: NDArray[np.float32], vocabulary: Vocabulary) -> Piece:
        """Return the piece that `byte` begins where tokens are distributed like `following` (V,)."""
        tokens = vocabulary.beginning_with(bytes([byte]))
        whole = following[tokens.start : tokens.stop].astype(np.float64)
        return cls._of(bytes([byte]), int(transitions()[OPEN, byte]), tokens, whole, float(following[byte]), None)

    def going_on(self, byte: int, spelling: NDArray[np.float32], vocabulary: Vocabulary) -> Piece:
        """Return the piece with one byte more; `spelling` (256,) is how likely it is if the piece is spelt."""
        read = self.read + bytes([byte])
        tokens = vocabulary.beginning_with(read)
        first = tokens.start - self.tokens.start
        kind, spelt = int(transitions()[self.kind, byte]), self.spelt * float(spelling[byte])
        return self._of(read, kind, tokens, self.whole[first : first + len(tokens)], spelt, vocabulary.token_of(read))

    @classmethod
    def _of(
        cls, read: bytes, kind: int, tokens: range, whole: NDArray[np.float64], spelt: float, token: int | None
    ) -> Piece:
        spelt = max(spelt, _LEAST)
        total = float(whole.sum()) + spelt
        return cls(read, kind, tokens, whole / total, spelt / total, token)


@dataclass(frozen=True, slots=True)
class Place:
    """Hold what may come after the bytes of a piece."""

    piece: Piece
    spelling: NDArray[np.float32]
    """(256,): which byte goes on with the piece if it is spelt."""
    ended: float
    """How likely it is that the piece ends here."""
    following: NDArray[np.float32]
    """(V,): how the next token is distributed if it does."""

    @classmethod
    def between(cls, kind: int, following: NDArray[np.float32]) -> Place:
        """Return the place after a piece of this kind that is known to have ended."""
        nothing = range(VOCAB_SIZE, VOCAB_SIZE)
        piece = Piece(b"", kind, nothing, np.empty(0), 0.0, None)
        return cls(piece, np.zeros(256, np.float32), 1.0, following)

    def ends_before(self, byte: int) -> bool:
        """Tell whether `byte` begins another piece."""
        return bool(transitions()[self.piece.kind, byte] == ENDS)

    def then(self, byte: int, vocabulary: Vocabulary) -> Piece:
        """Return the piece under way after `byte`."""
        if self.ends_before(byte):
            return Piece.begun(byte, self.following, vocabulary)
        return self.piece.going_on(byte, self.spelling, vocabulary)

    def masses(self, vocabulary: Vocabulary) -> NDArray[np.float64]:
        """Return how likely each byte (256,) comes next; they sum to one."""
        piece, reach = self.piece, len(self.piece.read)
        longer = piece.tokens if piece.token is None else piece.tokens[1:]
        masses = self.ended * vocabulary.by_first_byte(self.following) + piece.spelt * self.spelling
        if longer:
            masses = masses + np.bincount(vocabulary.bytes_at(longer, reach), piece.whole[-len(longer) :], 256)
        return np.asarray(masses / masses.sum())

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.piece.whole.nbytes + self.spelling.nbytes + self.following.nbytes


@dataclass(frozen=True, slots=True)
class WordState(State):
    """Hold three states of the network per lane, one after the other in `arrays`, and each lane's place.

    They are the states before the piece under way, after its bytes if it is spelt, and after it if it ends here.
    """

    places: tuple[Place, ...] = ()

    @classmethod
    def of(cls, before: State, spelt: State, after: State, places: Sequence[Place]) -> WordState:
        """Return the state of these parts, which have a lane per place."""
        return cls((*before.arrays, *spelt.arrays, *after.arrays), tuple(places))

    @property
    def before(self) -> State:
        """The network's states before the piece under way."""
        return self._third(0)

    @property
    def spelt(self) -> State:
        """Its states after the bytes of the piece so far."""
        return self._third(1)

    @property
    def after(self) -> State:
        """Its states after the piece, if that ends here."""
        return self._third(2)

    @property
    def nbytes(self) -> int:
        """Size of everything in bytes."""
        return sum(array.nbytes for array in self.arrays) + sum(place.nbytes for place in self.places)

    def copy(self) -> WordState:
        """Return a state that shares no array of the network with this one."""
        return WordState(tuple(array.copy() for array in self.arrays), self.places)

    def take(self, lanes: Sequence[int]) -> WordState:
        """Return a state made of these lanes, in this order, repeats allowed."""
        return WordState(State.take(self, lanes).arrays, tuple(self.places[lane] for lane in lanes))

    def _third(self, number: int) -> State:
        size = len(self.arrays) // 3
        return State(self.arrays[number * size : (number + 1) * size])
