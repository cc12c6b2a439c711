"""The engine: what ONNX Runtime computes is what torch computes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper

from foretype.model.config import CELLS, Config
from foretype.model.engine import Engine
from foretype.model.errors import CheckpointError
from foretype.model.export import export
from foretype.model.network import Network
from foretype.model.state import State

FLOAT_TOLERANCE = 1e-4  # float32 with other kernels and another order of sums
INT8_TOLERANCE = 0.25  # one part in 127 of the largest activation, over two layers, on logits of about 2

TEXT = "def f(x):\n    return naïve 😀".encode()


def pair(cell: str, *, int8: bool, d_model: int = 32) -> tuple[Network, Engine]:
    torch.manual_seed(3)
    network = Network(Config(cell=cell, n_layer=2, d_model=d_model, d_embed=16)).eval()  # type: ignore[arg-type]
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(2)
    return network, Engine(network.config, export(network.config, network.weights(), int8=int8))


def some_state(config: Config, lanes: int, seed: int = 5) -> State:
    draws = np.random.default_rng(seed)
    shape = (1, lanes, config.d_model)
    return State(tuple(draws.uniform(-0.9, 0.9, shape).astype(np.float32) for _ in config.state_names))


@torch.no_grad()
def torch_scan(network: Network, tokens: bytes, state: State) -> tuple[np.ndarray, list[np.ndarray]]:
    row = torch.tensor([list(tokens)] * state.lanes)
    logits, after = network.scan(row, tuple(torch.from_numpy(array[0]) for array in state.arrays))
    return logits.numpy(), [part.numpy() for part in after]


@pytest.mark.parametrize("cell", CELLS)
def test_float_prefill_equals_torch_from_a_state_that_is_not_zero(cell: str) -> None:
    network, engine = pair(cell, int8=False)
    state = some_state(engine.config, lanes=1)
    logits, after = engine.prefill(TEXT, state)
    expected, expected_after = torch_scan(network, TEXT, state)
    np.testing.assert_allclose(logits, expected[0], rtol=0, atol=FLOAT_TOLERANCE)
    for array, wanted in zip(after.arrays, expected_after, strict=True):
        np.testing.assert_allclose(array[0], wanted, rtol=0, atol=FLOAT_TOLERANCE)


@pytest.mark.parametrize("cell", CELLS)
def test_each_lane_of_a_step_equals_that_lane_alone(cell: str) -> None:
    network, engine = pair(cell, int8=False)
    state = some_state(engine.config, lanes=3)
    logits, after = engine.step([65, 10, 200], state)
    for lane, token in enumerate([65, 10, 200]):
        alone, alone_after = engine.step([token], state.take([lane]))
        np.testing.assert_allclose(logits[lane], alone[0], rtol=0, atol=FLOAT_TOLERANCE)
        for array, wanted in zip(after.take([lane]).arrays, alone_after.arrays, strict=True):
            np.testing.assert_allclose(array, wanted, rtol=0, atol=FLOAT_TOLERANCE)
        expected, _ = torch_scan(network, bytes([token]), state.take([lane]))
        np.testing.assert_allclose(logits[lane], expected[0, 0], rtol=0, atol=FLOAT_TOLERANCE)


def test_the_8_bit_lstm_stays_near_torch_and_is_a_quarter_of_the_size() -> None:
    network, engine = pair("lstm", int8=True, d_model=128)
    state = some_state(engine.config, lanes=1)
    logits, _ = engine.prefill(TEXT, state)
    expected, _ = torch_scan(network, TEXT, state)
    assert np.abs(expected).max() > 4 * INT8_TOLERANCE
    np.testing.assert_allclose(logits, expected[0], rtol=0, atol=INT8_TOLERANCE)
    sizes = [len(export(network.config, network.weights(), int8=int8)) for int8 in (True, False)]
    assert sizes[0] < 0.4 * sizes[1]


def test_feeding_in_equal_chunks_gives_equal_bits() -> None:
    _, engine = pair("lstm", int8=True)
    runs = []
    for _ in range(2):
        state = engine.zero_state()
        for start in range(0, len(TEXT), 4):
            logits, state = engine.prefill(TEXT[start : start + 4], state)
        runs.append(logits[-1])
    np.testing.assert_array_equal(runs[0], runs[1])


def test_reading_on_leaves_the_state_it_started_from_untouched() -> None:
    _, engine = pair("lstm", int8=True)
    state = some_state(engine.config, lanes=1)
    before = state.copy()
    engine.prefill(TEXT, state)
    engine.step([65], state)
    for array, was in zip(state.arrays, before.arrays, strict=True):
        np.testing.assert_array_equal(array, was)


def test_what_is_read_to_be_kept_holds_no_memory_of_the_runtime() -> None:
    _, engine = pair("lstm", int8=True)
    logits, state = engine.read(TEXT, engine.zero_state())
    assert all(array.flags.owndata for array in (logits, *state.arrays))


@pytest.mark.parametrize("cell", ["rnn", "gru"])
def test_asking_for_8_bits_where_the_runtime_has_none_is_refused(cell: str) -> None:
    network = Network(Config(cell=cell, d_model=8, d_embed=4))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"no 8-bit {cell}"):
        export(network.config, network.weights(), int8=True)


def test_a_graph_that_is_none_is_refused_in_one_line() -> None:
    with pytest.raises(CheckpointError, match="not a graph that ONNX Runtime can run") as refusal:
        Engine(Config(), b"not a graph")
    assert "\n" not in str(refusal.value)


def test_a_graph_of_single_numbers_is_refused() -> None:
    ends = [helper.make_tensor_value_info(name, TensorProto.INT64, []) for name in ("tokens", "logits")]
    graph = helper.make_graph([helper.make_node("Identity", ["tokens"], ["logits"])], "foreign", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    with pytest.raises(CheckpointError, match="does not fit its configuration"):
        Engine(Config(), model.SerializeToString())


def test_a_graph_of_another_shape_is_refused() -> None:
    small = Config(d_model=16, d_embed=8)
    graph = export(small, Network(small).weights())
    with pytest.raises(CheckpointError, match="does not fit its configuration"):
        Engine(Config(d_model=24, d_embed=8), graph)
