"""Steps in place: the bits of steps by value, and nothing of anybody else's is written to."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from foretype.model.config import CELLS, Config
from foretype.model.engine import Engine
from foretype.model.errors import CheckpointError
from foretype.model.export import export
from foretype.model.network import Network
from foretype.model.state import State

D_MODEL = 16


@cache
def engine_of(cell: str) -> Engine:
    torch.manual_seed(3)
    network = Network(Config(cell=cell, n_layer=2, d_model=D_MODEL, d_embed=8))  # type: ignore[arg-type]
    return Engine(network.config, export(network.config, network.weights()))


def some_state(config: Config, lanes: int) -> State:
    draws = np.random.default_rng(5)
    shape = (1, lanes, config.d_model)
    return State(tuple(draws.uniform(-0.9, 0.9, shape).astype(np.float32) for _ in config.state_names))


def texts(lanes: int) -> st.SearchStrategy[list[bytes]]:
    return st.lists(st.binary(min_size=lanes, max_size=lanes), min_size=1, max_size=12)


@given(st.sampled_from(CELLS), st.integers(1, 5).flatmap(texts))
@settings(deadline=None)
def test_going_on_in_place_gives_the_bits_of_going_on_by_value(cell: str, rows: list[bytes]) -> None:
    engine = engine_of(cell)
    state = some_state(engine.config, len(rows[0]))
    steps = engine.steps(state)
    for row in rows:
        logits = steps.advance(list(row))
        expected, state = engine.step(list(row), state)
        np.testing.assert_array_equal(logits, expected)


def test_two_that_begin_alike_touch_neither_each_other_nor_their_beginning() -> None:
    engine = engine_of("lstm")
    beginning = some_state(engine.config, 2)
    before = beginning.copy()
    one, other = engine.steps(beginning), engine.steps(beginning)
    state = before
    for step in range(5):
        logits = one.advance([step, 65])
        other.advance([200, step])
        expected, state = engine.step([step, 65], state)
        np.testing.assert_array_equal(logits, expected)
    for array, was in zip(beginning.arrays, before.arrays, strict=True):
        np.testing.assert_array_equal(array, was)


def test_a_graph_that_answers_in_another_shape_is_refused_when_it_does() -> None:
    engine = engine_of("lstm")
    engine.config, honest = Config(cell="lstm", n_layer=2, d_model=D_MODEL, d_embed=8, vocab_size=255), engine.config
    try:
        with pytest.raises(CheckpointError, match="fails while it runs"):
            engine.steps(engine.zero_state(3)).advance([65, 66, 67])
    finally:
        engine.config = honest
