"""One way to use every kind of predictor: read bytes, look at the distribution of the next one, branch off.

A Markov chain that interpolates its orders, networks run by the engine or by torch, and the mixture stand side by side.
Knows nothing of how they came to know anything. Source of the chain: Shannon 1948, with the estimate of Witten & Bell
1991 (method C) for what a context has not seen.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from copy import copy
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from foretype.model.engine import Engine
from foretype.model.predictor import Predictor
from foretype.model.score import LEAST, Prefills, log_softmax, nats_of

Distribution = NDArray[np.float64]

_BLOCK_BYTES = 256


class Reader(Protocol):
    """Hold one text as far as it was read."""

    def distribution(self) -> Distribution:
        """Return the probabilities (256,) of the next byte, which sum to one."""

    def read(self, text: bytes) -> float:
        """Read bytes and return how many bits they cost."""

    def copy(self) -> Self:
        """Return a reader of the same text that goes its own way."""


class MarkovCounts:
    """Count what follows every context of up to `order` bytes."""

    def __init__(self, order: int, texts: list[bytes]) -> None:
        """Count all texts."""
        self.order = order
        self.of: list[dict[bytes, Counter[int]]] = [defaultdict(Counter) for _ in range(order + 1)]
        for text in texts:
            for length, counts in enumerate(self.of):
                for place in range(length, len(text)):
                    counts[text[place - length : place]][text[place]] += 1

    @property
    def nbytes(self) -> int:
        """What a plain table of all contexts and counts would take."""
        return sum((length + 5) * len(seen) for length, counts in enumerate(self.of) for seen in counts.values())


class MarkovReader:
    """Read with the counts of a chain, which are not changed."""

    def __init__(self, counts: MarkovCounts, context: bytes = b"") -> None:
        """Start after `context`."""
        self._counts = counts
        self._context = context

    def distribution(self) -> Distribution:
        """Blend all orders, each taking what the lower ones say for what it has not seen."""
        p = np.full(256, 1 / 256)
        for length in range(min(self._counts.order, len(self._context)) + 1):
            seen = self._counts.of[length].get(self._context[len(self._context) - length :])
            if not seen:
                break
            counted = np.zeros(256)
            counted[list(seen)] = list(seen.values())
            p = (counted + len(seen) * p) / (counted.sum() + len(seen))
        return p

    def read(self, text: bytes) -> float:
        """Read bytes and return how many bits they cost."""
        bits = 0.0
        for byte in text:
            bits -= math.log2(self.distribution()[byte])
            self._context = (self._context + bytes([byte]))[-self._counts.order :] if self._counts.order else b""
        return bits

    def copy(self) -> MarkovReader:
        """Return a reader that goes its own way."""
        return copy(self)


class EngineReader:
    """Read with a network alone."""

    def __init__(self, engine: Prefills, header: bytes) -> None:
        """Start after a header."""
        self._engine = engine
        logits, self._state = engine.prefill(header, engine.zero_state())
        self._last: NDArray[np.float32] = logits[-1:]

    def distribution(self) -> Distribution:
        """Return the softmax of the last logits."""
        return np.asarray(np.exp(log_softmax(self._last)[0]))

    def read(self, text: bytes) -> float:
        """Read bytes and return how many bits they cost."""
        nats = 0.0
        for start in range(0, len(text), _BLOCK_BYTES):
            block = text[start : start + _BLOCK_BYTES]
            logits, self._state = self._engine.prefill(block, self._state)
            nats += nats_of(log_softmax(np.concatenate([self._last, logits[:-1]])), block)
            self._last = logits[-1:]
        return nats / math.log(2)

    def copy(self) -> Self:
        """Return a reader that goes its own way: states are never written to."""
        return copy(self)


class MixtureReader:
    """Read as the product does: with network, project and the document, which remembers what was read.

    A copy reads ahead: what it reads the document does not remember.
    """

    def __init__(self, engine: Engine, predictor: Predictor, header: bytes) -> None:
        """Start after a header; `predictor` must be fresh."""
        self._engine = engine
        self._predictor = predictor
        self._remembers = True
        predictor.hold(b"")
        self._lane = predictor.start(b"", at_start=True)
        logits, self._state = engine.prefill(header, engine.zero_state())
        self._logits = logits[-1:]

    def distribution(self) -> Distribution:
        """Return what the mixture says."""
        return np.asarray(self._predictor.mix(self._lane, self._logits)[0])

    def read(self, text: bytes) -> float:
        """Read bytes and return how many bits they cost."""
        nats, at_once = 0.0, _BLOCK_BYTES if self._remembers else 1
        for start in range(0, len(text), at_once):
            block = text[start : start + at_once]
            logits, self._state = self._engine.prefill(block, self._state)
            p = self._read(block, np.concatenate([self._logits, logits[:-1]]))
            nats += nats_of(np.log(p), block)
            self._logits = logits[-1:]
        return nats / math.log(2)

    def copy(self) -> MixtureReader:
        """Return a reader that reads ahead."""
        other = copy(self)
        other._lane = self._lane.copy()
        other._remembers = False
        return other

    def _read(self, block: bytes, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        if self._remembers:
            return np.maximum(self._predictor.read(self._lane, block, logits), LEAST, dtype=np.float64)
        p = self._predictor.mix(self._lane, logits)
        self._predictor.advance(self._lane, list(block))
        return np.maximum(p, LEAST)
