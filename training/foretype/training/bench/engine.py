"""One step of the engine beside torch's own and beside the bound: how fast one core reads the weights.

Knows nothing of servers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from foretype.model.config import Config
from foretype.model.engine import Engine
from foretype.model.network import Network
from foretype.model.state_cache import BLOCK_BYTES
from foretype.training.bench.clock import median_us


def measure(network: Network, engine: Engine) -> dict[str, float]:
    """Return the figures of one engine, beside torch on the same weights; torch must be kept to one thread."""
    one, four, eight = (engine.steps(engine.zero_state(lanes)) for lanes in (1, 4, 8))
    cold = engine.zero_state()
    block = bytes(range(BLOCK_BYTES))
    nbytes = weight_bytes(engine.config)
    stream = _stream_bytes_per_second(nbytes)
    return {
        "step_us": median_us(lambda: one.advance([65])),
        "step_4_lanes_us": median_us(lambda: four.advance([65, 66, 67, 68])),
        "step_8_lanes_us": median_us(lambda: eight.advance(list(range(65, 73)))),
        "prefill_us_per_byte": median_us(lambda: engine.prefill(block, cold)) / BLOCK_BYTES,
        "torch_step_us": min(median_us(step) for step in _torch_steps(network)),
        "weight_bytes": nbytes,
        "stream_gb_per_s": stream / 1e9,
        "bound_us": nbytes / stream * 1e6,
    }


def weight_bytes(config: Config) -> int:
    """Return the bytes of 8-bit weights that one step reads: the matrices, not the embedding's one row."""
    inputs = [config.d_embed, *[config.d_model] * (config.n_layer - 1)]
    recurrent = sum(config.gates * config.d_model * (width + config.d_model) for width in inputs)
    return recurrent + config.d_model * config.vocab_size


def _stream_bytes_per_second(nbytes: int) -> float:
    """Return how fast one core reads a block of this size again and again: the bound of any step."""
    block = np.random.default_rng(0).integers(0, 2**63, nbytes // 8, dtype=np.uint64)
    return block.nbytes / median_us(lambda: np.bitwise_xor.reduce(block)) * 1e6


def _torch_steps(network: Network) -> list[Callable[[], object]]:
    """Return one step on the same weights in each of the ways that torch offers."""
    config = network.config
    state = network.zero_state(1)
    token = torch.tensor([65])
    cells = []
    for layer in range(config.n_layer):
        cell = nn.LSTMCell(config.d_embed if layer == 0 else config.d_model, config.d_model)
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        cell.load_state_dict({name: getattr(network.rnn, f"{name}_l{layer}") for name in names})
        cells.append(cell)

    @torch.inference_mode()
    def whole() -> object:
        return network.step(token, state)

    @torch.inference_mode()
    def by_cells() -> object:
        hidden = network.embed(token)
        for layer, cell in enumerate(cells):
            hidden, _ = cell(hidden, (state[2 * layer], state[2 * layer + 1]))
        return network.head(hidden)

    return [whole, by_cells]
