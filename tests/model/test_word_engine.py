"""Networks of words answer in bytes: exactly, for every text, however it came in."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import TINY, WORDS, random_weights, word_engine

from foretype.model.engine import Engine
from foretype.model.errors import CheckpointError
from foretype.model.export import export
from foretype.model.score import log_softmax, score
from foretype.model.state import State
from foretype.model.tokens import header
from foretype.model.vocabulary import BYTES, Vocabulary
from foretype.model.word_engine import WordEngine, engine_for

ENGINE = word_engine(int8=False)
HEADER = header("", "")
TOLERANCE = 2e-5  # float32 with other kernels for one lane and several, over a few dozen steps

ODD = ["the", " the", "there", " ", "\n", "\n    ", "x", "12", ".", "é", "”", " theses", "\x00", "中"]
TEXTS = st.lists(st.sampled_from(ODD), min_size=1, max_size=9).map(lambda parts: "".join(parts).encode())
BYTES_OF_ANY_KIND = st.binary(min_size=1, max_size=12)


def distributions(text: bytes) -> np.ndarray:
    """Return what was said of each byte of `text` before it was read, (T, 256)."""
    last, state = ENGINE.read(HEADER, ENGINE.zero_state())
    logits, _ = ENGINE.prefill(text, state)
    return np.asarray(np.exp(np.concatenate([last[None], logits[:-1]]).astype(float)))


@cache
def producible(tokens: tuple[int, ...]) -> bool:
    """Tell by trial whether some text's encoding begins so."""
    text = WORDS.decode(tokens)
    return any(
        tuple(WORDS.encode(text + more)[: len(tokens)]) == tokens for more in (b"", *(bytes([b]) for b in range(256)))
    )


def next_tokens(tokens: tuple[int, ...]) -> np.ndarray:
    """Return the network's distribution (V,) over the tokens that some text may have after these."""
    column = np.concatenate([WORDS.encode(HEADER), np.array(tokens, np.uint16)])[:, None]
    logits, _ = ENGINE.scan(column, State.zero(ENGINE.config))
    possible = np.array([producible((*tokens, token)) for token in range(WORDS.size)])
    weights = np.where(possible, np.exp(logits[-1, 0].astype(float)), 0.0)
    return np.asarray(weights / weights.sum())


def ways(text: bytes, tokens: tuple[int, ...] = ()) -> Iterator[float]:
    """Yield the probability of each sequence of tokens that begins with `text` and no token sooner."""
    rest = text[len(WORDS.decode(tokens)) :]
    p = next_tokens(tokens)
    for token in map(int, np.flatnonzero(p)):
        spelt = WORDS.decode([token])
        if spelt.startswith(rest):
            yield float(p[token])
        elif rest.startswith(spelt):
            yield from (float(p[token]) * share for share in ways(text, (*tokens, token)))


@pytest.mark.parametrize(
    "text", [b"th", b"the", b"them", b"there", b" th", b"x y", b"the the", b"\n  x", "é”.".encode()]
)
def test_bytes_are_as_likely_as_all_tokens_together_that_a_text_may_be_made_of(text: bytes) -> None:
    found = distributions(text)[np.arange(len(text)), list(text)]
    assert math.log(found.prod()) == pytest.approx(math.log(sum(ways(text))), abs=1e-4)


@given(TEXTS | BYTES_OF_ANY_KIND)
def test_every_distribution_sums_to_one_and_every_logarithm_is_finite(text: bytes) -> None:
    logits, _ = ENGINE.prefill(text, ENGINE.zero_state())
    assert np.isfinite(logits).all()
    np.testing.assert_allclose(np.exp(logits.astype(float)).sum(axis=1), 1.0, rtol=0, atol=1e-5)


@given(TEXTS | BYTES_OF_ANY_KIND)
def test_a_text_costs_what_its_bytes_cost(text: bytes) -> None:
    costs = -np.log(distributions(text)[np.arange(len(text)), list(text)])
    assert ENGINE.nats(HEADER, text) == pytest.approx(costs.sum(), rel=1e-4, abs=1e-3)
    assert score(ENGINE, HEADER, text) == pytest.approx(costs.sum() / math.log(2), rel=1e-4, abs=1e-3)


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_reading_at_once_in_parts_or_byte_by_byte_is_the_same(parts: list[bytes]) -> None:
    _, opened = ENGINE.read(HEADER, ENGINE.zero_state())
    stepped, parted = opened, opened
    for part in parts:
        last, parted = ENGINE.read(part, parted)
        logits, stepped = ENGINE.prefill(part, stepped)
        np.testing.assert_allclose(last, logits[-1], rtol=0, atol=10 * TOLERANCE)
    for array, wanted in zip(parted.arrays, stepped.arrays, strict=True):
        np.testing.assert_allclose(array, wanted, rtol=0, atol=TOLERANCE)


@given(st.lists(TEXTS, min_size=3, max_size=3))
@settings(max_examples=40)
def test_each_lane_of_a_step_equals_that_lane_alone(texts: list[bytes]) -> None:
    length = min(map(len, texts))
    state = ENGINE.read(HEADER, ENGINE.zero_state())[1].take([0, 0, 0])
    for place in range(length):
        logits, state = ENGINE.step([text[place] for text in texts], state)
    for lane, text in enumerate(texts):
        alone, after = ENGINE.prefill(text[:length], ENGINE.read(HEADER, ENGINE.zero_state())[1])
        np.testing.assert_allclose(logits[lane], alone[-1], rtol=0, atol=10 * TOLERANCE)
        for array, wanted in zip(state.take([lane]).arrays, after.arrays, strict=True):
            np.testing.assert_allclose(array, wanted, rtol=0, atol=TOLERANCE)


def test_a_long_word_that_nobody_knows_stays_possible() -> None:
    word = b"the" + b"qzxj" * 300
    p = distributions(word)[np.arange(len(word)), list(word)]
    assert (p > 0).all()
    assert math.isfinite(ENGINE.nats(HEADER, word + b" " + word))


def test_reading_on_leaves_the_state_it_started_from_untouched() -> None:
    _, state = ENGINE.read(HEADER + b"the", ENGINE.zero_state())
    before = state.copy()
    first, _ = ENGINE.step([ord(" ")], state)
    ENGINE.read(b"re there\n", state)
    again, _ = ENGINE.step([ord(" ")], state)
    np.testing.assert_array_equal(first, again)
    for array, was in zip(state.arrays, before.arrays, strict=True):
        np.testing.assert_array_equal(array, was)
    assert state.nbytes > sum(array.nbytes for array in state.arrays)


def test_a_vocabulary_of_another_size_is_refused() -> None:
    config = ENGINE.config
    with pytest.raises(CheckpointError, match=f"has {config.vocab_size} tokens, its vocabulary 257"):
        engine_for(config, export(config, random_weights(config)), Vocabulary((b"ab",)))


def test_a_vocabulary_of_bytes_alone_answers_as_the_engine_of_bytes_does() -> None:
    graph = export(TINY, random_weights(TINY), int8=False)
    words, of_bytes = WordEngine(TINY, graph, BYTES), Engine(TINY, graph)
    _, state = words.read(HEADER, words.zero_state())
    _, plain = of_bytes.prefill(HEADER, of_bytes.zero_state())
    for byte in b"for name in names:":
        logits, state = words.step([byte], state)
        expected, plain = of_bytes.step([byte], plain)
        np.testing.assert_allclose(logits, log_softmax(expected), rtol=0, atol=10 * TOLERANCE)
