"""Write a network's weights as the ONNX graph that `engine.py` runs: (tokens, state) -> (logits, state).

The graph is built node by node from named arrays, so it needs neither torch nor a tracer and is the same on every
machine. Source of the operators and their gate orders: ONNX operator specification, RNN-14, GRU-14, LSTM-14; of the
8-bit form: ONNX Runtime contrib operators, `DynamicQuantizeLSTM`.

Shapes: tokens (T, B) int64, each state array (1, B, D) float32, logits (T, B, V) float32.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from foretype.model.config import Config

Weights = Mapping[str, NDArray[np.float32]]

_OPSET = 17
_IR_VERSION = 10
"""Old enough for every ONNX Runtime that the package accepts."""

# Torch stacks gates as (input, forget, cell, output) and (reset, update, new);
# ONNX wants (input, output, forget, cell) and (update, reset, new).
_GATE_ORDER = {"rnn": (0,), "gru": (1, 0, 2), "lstm": (0, 3, 1, 2)}

INT8_CELLS = frozenset({"lstm"})
"""Cells for which ONNX Runtime has an 8-bit operator."""


def build_graph(config: Config, weights: Weights) -> onnx.ModelProto:
    """Return the float32 graph of these weights; a missing weight raises KeyError."""
    initializers = [_tensor("embedding", weights["embed.weight"])]
    nodes = [helper.make_node("Gather", ["embedding", "tokens"], ["layer_in_0"])]
    for layer in range(config.n_layer):
        layer_nodes, layer_initializers = _layer(config, weights, layer)
        nodes += layer_nodes
        initializers += layer_initializers
    initializers += [
        _tensor("head_weight", np.ascontiguousarray(weights["head.weight"].T)),
        _tensor("head_bias", weights["head.bias"]),
    ]
    nodes += [
        helper.make_node("MatMul", [f"layer_in_{config.n_layer}", "head_weight"], ["scores"], name="head"),
        helper.make_node("Add", ["scores", "head_bias"], ["logits"]),
    ]
    graph = helper.make_graph(nodes, "foretype", _inputs(config), _outputs(config), initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)])
    model.ir_version = _IR_VERSION
    onnx.checker.check_model(model)
    return model


def quantise(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph with weights in 8 bits, one scale per output row, inputs quantised as they come."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.getLogger().disabled, was = True, logging.getLogger().disabled  # it advises on the root logger
    try:
        with tempfile.TemporaryDirectory(prefix="foretype-") as folder:
            path = Path(folder) / "int8.onnx"
            quantize_dynamic(
                model,
                path,
                op_types_to_quantize=["LSTM", "MatMul"],
                per_channel=True,
                weight_type=QuantType.QInt8,
            )
            return onnx.load(path)
    finally:
        logging.getLogger().disabled = was


def export(config: Config, weights: Weights, *, int8: bool | None = None) -> bytes:
    """Return the serialised graph: in 8 bits where the runtime has the operator, or as `int8` says."""
    if int8 is None:
        int8 = config.cell in INT8_CELLS
    if int8 and config.cell not in INT8_CELLS:
        raise ValueError(f"the runtime has no 8-bit {config.cell}; use one of {', '.join(sorted(INT8_CELLS))}")
    model = build_graph(config, weights)
    return bytes((quantise(model) if int8 else model).SerializeToString())


def _layer(config: Config, weights: Weights, layer: int) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    names = {part: f"{part}_{layer}" for part in ("input_weight", "state_weight", "bias")}
    biases = [_gates(config, weights[f"rnn.bias_{side}_l{layer}"]) for side in ("ih", "hh")]
    initializers = [
        _tensor(names["input_weight"], _gates(config, weights[f"rnn.weight_ih_l{layer}"])[None]),
        _tensor(names["state_weight"], _gates(config, weights[f"rnn.weight_hh_l{layer}"])[None]),
        _tensor(names["bias"], np.concatenate(biases)[None]),
    ]
    state = [name for name in config.state_names if name.endswith(f"_{layer}")]
    # torch applies the reset gate after the state's projection, which ONNX calls linear_before_reset
    special: dict[str, Any] = {"linear_before_reset": 1} if config.cell == "gru" else {}
    recurrence = helper.make_node(
        config.cell.upper(),
        [f"layer_in_{layer}", *names.values(), "", *state],
        [f"layer_out_{layer}", *(f"{name}_next" for name in state)],
        name=f"layer_{layer}",
        hidden_size=config.d_model,
        **special,
    )
    # (T, directions, B, D) -> (T, B, D)
    squeeze = helper.make_node("Squeeze", [f"layer_out_{layer}", f"direction_{layer}"], [f"layer_in_{layer + 1}"])
    initializers.append(_tensor(f"direction_{layer}", np.array([1], np.int64)))
    return [recurrence, squeeze], initializers


def _gates(config: Config, weight: NDArray[np.float32]) -> NDArray[np.float32]:
    blocks = np.split(weight, config.gates)
    return np.concatenate([blocks[gate] for gate in _GATE_ORDER[config.cell]])


def _tensor(name: str, array: NDArray[np.generic]) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(array), name)


def _inputs(config: Config) -> list[onnx.ValueInfoProto]:
    tokens = helper.make_tensor_value_info("tokens", TensorProto.INT64, ["T", "B"])
    return [tokens, *_state_values(config, "")]


def _outputs(config: Config) -> list[onnx.ValueInfoProto]:
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["T", "B", config.vocab_size])
    return [logits, *_state_values(config, "_next")]


def _state_values(config: Config, ending: str) -> list[onnx.ValueInfoProto]:
    return [
        helper.make_tensor_value_info(f"{name}{ending}", TensorProto.FLOAT, [1, "B", config.d_model])
        for name in config.state_names
    ]
