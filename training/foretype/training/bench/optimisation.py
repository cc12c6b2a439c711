"""How fast a network learns: beside the machine's own matrix products, and beside the loop that tutorials show.

Both sides run on all threads that torch has. Knows nothing of corpora.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch.nn import functional

from foretype.model.config import Config
from foretype.model.network import Network, detach
from foretype.training.bench.clock import seconds
from foretype.training.bench.engine import weight_bytes
from foretype.training.device import fast_bfloat16
from foretype.training.loss import Loss

_LANES, _STEPS = 64, 128
_TUTORIAL_STEPS = 16
"""The tutorial's loop is timed on fewer, since it is slow and no step differs from another."""
_RUNS = 5
_PRODUCT_SIZE = 1024
_FORWARD_AND_BACKWARD = 3
"""A backward pass has two products for each of the forward pass."""


def measure(config: Config) -> dict[str, float]:
    """Return kilobytes a second of ours and of the tutorial's loop, GFLOP/s of ours and of a plain product."""
    torch.manual_seed(0)
    network = Network(config)
    ours = _LANES * _STEPS / _best(_learn(network))
    tutorial = _LANES * _TUTORIAL_STEPS / _best(_tutorial(network))
    # each weight is multiplied and added once for a byte, forward
    reached = 2 * _FORWARD_AND_BACKWARD * weight_bytes(config) * ours
    product = 2 * _PRODUCT_SIZE**3 / _best(_product())
    return {
        "kb_per_s": ours / 1e3,
        "tutorial_kb_per_s": tutorial / 1e3,
        "gflop_per_s": reached / 1e9,
        "product_gflop_per_s": product / 1e9,
    }


def _best(work: Callable[[], object]) -> float:
    work()
    return min(seconds(work) for _ in range(_RUNS))


def _learn(network: Network) -> Callable[[], object]:
    loss = Loss(network, bfloat16=fast_bfloat16())
    optimizer = torch.optim.AdamW(network.parameters(), 1e-9)
    tokens = _tokens(_STEPS)

    def step() -> None:
        nats, _ = loss(tokens, *network.zero_state(_LANES))
        optimizer.zero_grad()
        nats.backward()
        optimizer.step()

    return step


def _tutorial(network: Network) -> Callable[[], object]:
    """Return the loop of the tutorials: a step of time after another, each with a loss of its own."""
    optimizer = torch.optim.Adam(network.parameters(), 1e-9)
    tokens = _tokens(_TUTORIAL_STEPS)

    def step() -> None:
        state, nats = network.zero_state(_LANES), torch.zeros(())
        for time in range(_TUTORIAL_STEPS):
            logits, state = network.step(tokens[:, time], state)
            nats = nats + functional.cross_entropy(logits, tokens[:, time + 1])
        optimizer.zero_grad()
        nats.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        detach(state)

    return step


def _product() -> Callable[[], object]:
    kind = torch.bfloat16 if fast_bfloat16() else torch.float32
    left, right = (torch.randn(_PRODUCT_SIZE, _PRODUCT_SIZE).to(kind) for _ in range(2))
    return lambda: left @ right


def _tokens(steps: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (_LANES, steps + 1)))
