"""Which tokens a network reads: the 256 bytes and, for a network of words, the commonest pieces of what it learns.

A piece that is not among them is spelt byte by byte, so any bytes can be encoded and no token stands for the unknown.
Without pieces the vocabulary is that of a network of bytes. Knows nothing of networks.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foretype.model import pieces as cut
from foretype.model.tokens import START, VOCAB_SIZE, allowed_tokens, utf8_transitions

LONGEST = 32
"""Bytes of the longest piece that is worth a token."""
_FEWEST = 4
"""How often a piece must occur: what is rarer is not learnt well, and may be somebody's secret."""
_PAST_ALL = b"\xff"
"""No piece of several bytes contains it, so that this sorts behind all that begin alike."""

Tokens = NDArray[np.unsignedinteger[Any]]


@dataclass(frozen=True)
class Vocabulary:
    """Number the 256 bytes and then the pieces, which must be sorted; others raise ValueError."""

    pieces: tuple[bytes, ...] = ()
    """Each of several bytes."""

    def __post_init__(self) -> None:
        if self.size > 1 << 16:
            raise ValueError(f"a vocabulary holds at most {1 << 16} tokens, got {self.size}")
        if any(one >= other for one, other in pairwise(self.pieces)):
            raise ValueError("pieces must be sorted and none twice")
        for piece in self.pieces:
            if not 1 < len(piece) <= LONGEST or next(cut.pieces(piece))[0] != piece:
                raise ValueError(f"{piece!r} is no piece of 2 to {LONGEST} bytes")

    @classmethod
    def of(cls, texts: Iterable[bytes], most: int) -> Vocabulary:
        """Return the vocabulary of the `most` commonest pieces of `texts`, fewer where many are rare."""
        counts: Counter[bytes] = Counter()
        for text in texts:
            counts.update(piece for piece, _ in cut.pieces(text))
        found = [piece for piece, count in counts.items() if count >= _FEWEST and _deserves_a_token(piece)]
        found.sort(key=lambda piece: (-counts[piece], piece))
        return cls(tuple(sorted(found[:most])))

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return VOCAB_SIZE + len(self.pieces)

    def encode(self, text: bytes) -> Tokens:
        """Return the tokens of `text`, uint8 or uint16."""
        if not self.pieces:
            return np.frombuffer(text, np.uint8)
        ids, found = self._ids, array("H")
        for piece, _ in cut.pieces(text):
            token = ids.get(piece)
            if token is None:
                found.extend(piece)
            else:
                found.append(token)
        return np.frombuffer(found, np.uint16) if found else np.empty(0, np.uint16)

    def decode(self, tokens: Iterable[int]) -> bytes:
        """Return the bytes that tokens stand for."""
        spelt = self._spelt
        return b"".join([spelt[token] for token in tokens])

    def token_of(self, piece: bytes) -> int | None:
        """Return the token of a piece of several bytes, None if it is spelt."""
        return self._ids.get(piece)

    def beginning_with(self, prefix: bytes) -> range:
        """Return the tokens of all pieces that begin with `prefix`, itself included."""
        first, end = (bisect_left(self.pieces, bound) for bound in (prefix, prefix + _PAST_ALL))
        return range(VOCAB_SIZE + first, VOCAB_SIZE + end)

    def bytes_at(self, tokens: range, place: int) -> NDArray[np.uint8]:
        """Return the byte at `place` of each of these pieces, which must be so long. A view."""
        return self._columns[tokens.start - VOCAB_SIZE : tokens.stop - VOCAB_SIZE, place]

    @cached_property
    def first_bytes(self) -> NDArray[np.intp]:
        """(V,): the first byte of each token, ready to index with."""
        return np.array([spelt[0] for spelt in self._spelt], np.intp)

    def by_first_byte(self, p: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return how likely each byte (256,) begins a token if those are distributed like `p` (V,)."""
        found = p[:VOCAB_SIZE].astype(np.float64)
        firsts, starts = self._runs
        if len(starts):
            found[firsts] += np.add.reduceat(p[VOCAB_SIZE:], starts, dtype=np.float64)
        return found

    def allowed(self, situations: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
        """Return (B, V): which tokens may be generated in these situations (B,) of the UTF-8 automaton."""
        begins = np.repeat((situations == START)[:, None], len(self.pieces), axis=1)
        return np.concatenate([allowed_tokens()[situations], begins], axis=1)

    def after(self, situations: NDArray[np.integer[Any]], tokens: NDArray[np.integer[Any]]) -> NDArray[np.int8]:
        """Return the situations (B,) after allowed tokens (B,)."""
        whole = tokens >= VOCAB_SIZE
        return np.where(whole, START, utf8_transitions()[situations, np.where(whole, 0, tokens)]).astype(np.int8)

    def to_json(self) -> bytes:
        """Return the pieces as a JSON list of strings."""
        return json.dumps([piece.decode("utf-8", "surrogateescape") for piece in self.pieces], indent=0).encode()

    @classmethod
    def from_json(cls, content: bytes | str) -> Vocabulary:
        """Build from `to_json` output; anything else raises ValueError."""
        found = json.loads(content)
        if not isinstance(found, list) or not all(isinstance(piece, str) for piece in found):
            raise ValueError("a vocabulary must be a list of strings")
        return cls(tuple(piece.encode("utf-8", "surrogateescape") for piece in found))

    @cached_property
    def _ids(self) -> dict[bytes, int]:
        return {piece: VOCAB_SIZE + index for index, piece in enumerate(self.pieces)}

    @cached_property
    def _spelt(self) -> Sequence[bytes]:
        return [*(bytes([byte]) for byte in range(VOCAB_SIZE)), *self.pieces]

    @cached_property
    def _runs(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Which bytes begin pieces, and where the run of each one's pieces starts."""
        firsts, starts = np.unique(self.first_bytes[VOCAB_SIZE:], return_index=True)
        return firsts, starts

    @cached_property
    def _columns(self) -> NDArray[np.uint8]:
        padded = b"".join(piece.ljust(LONGEST, b"\0") for piece in self.pieces)
        return np.frombuffer(padded, np.uint8).reshape(-1, LONGEST)


BYTES = Vocabulary()
"""What a network of bytes reads."""


def _deserves_a_token(piece: bytes) -> bool:
    if not 1 < len(piece) <= LONGEST:
        return False
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    return True
