"""The hidden states of one document: what the network has read up to the caret.

A state is cached under a digest of everything that led to it (the header, then the window block by block), as
servers of large models cache prefixes. So nothing has to be invalidated by an edit: another text has another digest,
and undo finds its old states still there. The state for a prefix is a function of the prefix alone: whole blocks of
the window are prefilled one by one, the bytes after the last whole block are stepped. A cache that has seen a
thousand edits and a fresh one therefore agree to the last bit, although the 8-bit engine is sensitive to chunks.

Knows bytes, not documents or languages. Not for two threads at once.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

from foretype.model.engine import Engine
from foretype.model.state import State
from foretype.model.steps import Logits
from foretype.model.tokens import excerpt_header
from foretype.model.window import Prefix, window

BLOCK_BYTES = 64
"""Bytes fed at once; a key pressed just after a block's end costs one block, all others cost one step."""

BUDGET_BYTES = 4 << 20
"""Memory for the states of one document; several hundred of the default network's."""

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold what the network knows after a prefix: the logits (V,) of the next byte and the state, lane count 1."""

    logits: Logits
    state: State

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self.logits.nbytes + self.state.nbytes


class StateCache:
    """Own the cached states of one document."""

    def __init__(self, engine: Engine, header: bytes, budget_bytes: int = BUDGET_BYTES) -> None:
        """Start with nothing read; `header` is `tokens.header` of the document's path and language."""
        self._engine = engine
        self._header = header
        self._budget_bytes = budget_bytes
        self._readings: OrderedDict[bytes, Reading] = OrderedDict()
        self._nbytes = 0

    @property
    def nbytes(self) -> int:
        """Size of the cached states in bytes; at most the budget, save for the one just read."""
        return self._nbytes

    def read(self, prefix: Prefix) -> Reading:
        """Return what the network knows after `prefix`, feeding only the bytes whose states are not cached."""
        text = window(prefix)
        begins = prefix.at_start and len(text) == len(prefix.tail)
        header = self._header if begins else excerpt_header(self._header)
        stops = _stops(len(text))
        digests = _digests(header, text, stops)
        known = next((i for i in reversed(range(len(stops))) if digests[i] in self._readings), None)
        if known is None:
            reading, known = self._store(digests[0], self._feed(header, self._engine.zero_state())), 0
        else:
            reading = self._readings[digests[known]]
            self._readings.move_to_end(digests[known])
        for i in range(known + 1, len(stops)):
            reading = self._store(digests[i], self._feed(text[stops[i - 1] : stops[i]], reading.state))
        return reading

    def _feed(self, tokens: bytes, state: State) -> Reading:
        return Reading(*self._engine.read(tokens, state))

    def _store(self, digest: bytes, reading: Reading) -> Reading:
        self._readings[digest] = reading
        self._nbytes += reading.nbytes
        while self._nbytes > self._budget_bytes and len(self._readings) > 1:
            _, oldest = self._readings.popitem(last=False)
            self._nbytes -= oldest.nbytes
        return reading


def _digests(header: bytes, text: bytes, stops: list[int]) -> list[bytes]:
    digests = [blake2b(header, digest_size=_DIGEST_BYTES).digest()]
    for start, stop in pairwise(stops):
        chained = digests[-1] + text[start:stop]
        digests.append(blake2b(chained, digest_size=_DIGEST_BYTES).digest())
    return digests


def _stops(length: int) -> list[int]:
    """Return the places in a window after which a state is kept: each whole block's end, then every byte."""
    whole = length - length % BLOCK_BYTES
    return [*range(0, whole + 1, BLOCK_BYTES), *range(whole + 1, length + 1)]
