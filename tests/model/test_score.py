"""Scoring: bits per byte as their definition says, each byte before it is read."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.conftest import LEARNT_TEXT

from foretype.model.engine import Engine
from foretype.model.score import perplexity_per_word, score, words_in
from foretype.model.state_cache import BLOCK_BYTES
from foretype.model.tokens import header

HEADER = header("/project/names.py", "python")


@pytest.mark.parametrize("length", [1, 7, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES - 1])
def test_the_score_is_the_sum_of_the_surprises_of_all_bytes(tiny_engine: Engine, length: int) -> None:
    text = (LEARNT_TEXT * 2).encode()[:length]
    logits, state = tiny_engine.prefill(HEADER, tiny_engine.zero_state())
    last = logits[-1]
    bits = 0.0
    for start in range(0, length, BLOCK_BYTES):
        logits, state = tiny_engine.prefill(text[start : start + BLOCK_BYTES], state)
        for offset, byte in enumerate(text[start : start + BLOCK_BYTES]):
            distribution = np.exp(last.astype(float)) / np.exp(last.astype(float)).sum()
            bits -= math.log2(distribution[byte])
            last = logits[offset]
    assert score(tiny_engine, HEADER, text) == pytest.approx(bits, rel=1e-6)


def test_no_byte_is_scored_with_knowledge_of_itself(tiny_engine: Engine) -> None:
    start = LEARNT_TEXT.encode()[: 2 * BLOCK_BYTES]  # whole blocks: their states do not depend on what follows
    before = score(tiny_engine, HEADER, start)
    costs = np.array([score(tiny_engine, HEADER, start + bytes([byte])) - before for byte in range(256)])
    assert (0.5**costs).sum() == pytest.approx(1, abs=1e-4)  # Kraft: equality for an honest distribution


def test_a_learnt_text_costs_little_and_noise_much(learnt_engine: Engine) -> None:
    text = LEARNT_TEXT.encode()
    noise = np.random.default_rng(0).integers(32, 127, len(text), dtype=np.uint8).tobytes()
    assert score(learnt_engine, HEADER, text) / len(text) < 1
    assert score(learnt_engine, HEADER, noise) / len(noise) > 5


def test_an_empty_text_costs_nothing(tiny_engine: Engine) -> None:
    assert score(tiny_engine, HEADER, b"") == 0


def test_perplexity_is_among_how_many_words_one_would_have_to_guess() -> None:
    assert words_in(b"one  two\nthree ") == 3
    assert perplexity_per_word(bits=30.0, words=3) == 1024.0
    assert perplexity_per_word(bits=30.0, words=0) is None
    assert perplexity_per_word(bits=1e9, words=1) is None
