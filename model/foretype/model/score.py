"""How well a model predicts a text: bits per byte, each byte scored before it is read, and perplexity per word.

Knows nothing of files. Sources of the measures: Shannon 1951 ("Prediction and Entropy of Printed English"), Jelinek et
al. 1977 ("Perplexity: a measure of the difficulty of speech recognition tasks").
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from foretype.model.engine import Engine
from foretype.model.predictor import Predictor
from foretype.model.state_cache import BLOCK_BYTES
from foretype.model.word_engine import WordEngine

LEAST = 1e-30
"""A mixed probability can round to zero in single precision, and its logarithm must stay finite."""
_MOST_BITS = 1000.0
"""Two to the power of more is hardly a number any more."""


def score(engine: Engine, header: bytes, text: bytes) -> float:
    """Return the bits that `text` costs the network alone after `header`, which itself costs nothing."""
    if isinstance(engine, WordEngine):
        return engine.nats(header, text) / math.log(2)
    nats = sum(
        nats_of(log_softmax(logits), block) for block, logits in read(engine, header, text) if logits is not None
    )
    return nats / math.log(2)


class Prefills(Protocol):
    """Read bytes from a state of its own kind, as `Engine` does."""

    def zero_state(self) -> Any:
        """Return the state before anything was read."""

    def prefill(self, tokens: bytes, state: Any) -> tuple[NDArray[np.float32], Any]:
        """Return logits (T, 256) after each byte, and the state after the last."""


def score_mixed(engine: Prefills | None, predictor: Predictor, header: bytes, text: bytes, *, document: bool) -> float:
    """Return the bits that `text` costs the whole mixture; `predictor` must be fresh and remembers `text` after.

    Without an engine the memories are scored; with `document` the text's own past is one of them.
    """
    if document:
        predictor.hold(b"")
    lane = predictor.start(b"", at_start=True)
    nats = 0.0
    for block, logits in read(engine, header, text):
        p = predictor.read(lane, block, logits)
        nats += nats_of(np.log(np.maximum(p, LEAST, dtype=np.float64)), block)
    return nats / math.log(2)


def perplexity_per_word(bits: float, words: int) -> float | None:
    """Return among how many words one would choose blindly if each of so many words cost its share of `bits`.

    It means the same for networks of bytes and of words, since the bits are those of the same text. None where a text
    has no words or so few that the number is none to speak of.
    """
    per_word = bits / words if words else math.inf
    return math.exp2(per_word) if per_word < _MOST_BITS else None


def words_in(text: bytes) -> int:
    """Return how many words `text` has, between white space."""
    return len(text.split())


def read(engine: Prefills | None, header: bytes, text: bytes) -> Iterator[tuple[bytes, NDArray[np.float32] | None]]:
    """Yield `text` in blocks, each with the network's logits (T, 256) for its bytes, or None without an engine."""
    blocks = [text[start : start + BLOCK_BYTES] for start in range(0, len(text), BLOCK_BYTES)]
    if engine is None:
        yield from ((block, None) for block in blocks)
        return
    logits, state = engine.prefill(header, engine.zero_state())
    last = logits[-1:]
    for block in blocks:
        logits, state = engine.prefill(block, state)
        yield block, np.concatenate([last, logits[:-1]])
        last = logits[-1:]


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the natural logarithms of the distributions that logits (T, V) stand for."""
    rows = logits.astype(np.float64)
    rows -= rows.max(axis=1, keepdims=True)
    return np.asarray(rows - np.log(np.exp(rows).sum(axis=1, keepdims=True)))


def nats_of(logs: NDArray[np.float64], block: bytes) -> float:
    """Return the negative log-likelihood of `block` under logarithms (T, V), one row per byte."""
    return -float(logs[np.arange(len(block)), np.frombuffer(block, np.uint8)].sum())
