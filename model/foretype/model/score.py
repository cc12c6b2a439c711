"""How well a network predicts a text: bits per byte, each byte scored before it is read.

Knows nothing of files. Source of the measure: Shannon 1951 ("Prediction and Entropy of Printed English").
"""

from __future__ import annotations

import math

import numpy as np

from foretype.model.engine import Engine
from foretype.model.session import BLOCK_BYTES


def score(engine: Engine, header: bytes, text: bytes) -> float:
    """Return the bits that `text` costs after `header`, which itself costs nothing; 0 for an empty text."""
    logits, state = engine.prefill(header, engine.zero_state())
    scores = logits[-1:]
    nats = 0.0
    for start in range(0, len(text), BLOCK_BYTES):
        block = text[start : start + BLOCK_BYTES]
        logits, state = engine.prefill(block, state)
        nats += _nats(np.concatenate([scores, logits[:-1]]), block)
        scores = logits[-1:]
    return nats / math.log(2)


def _nats(logits: np.ndarray[tuple[int, ...], np.dtype[np.float32]], block: bytes) -> float:
    """Return the negative log-likelihood of `block` under logits (T, V), one row per byte."""
    rows = logits.astype(np.float64)
    rows -= rows.max(axis=1, keepdims=True)
    totals = np.log(np.exp(rows).sum(axis=1))
    chosen = rows[np.arange(len(block)), np.frombuffer(block, np.uint8)]
    return float((totals - chosen).sum())
