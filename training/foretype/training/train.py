"""Optimise a network on streams of text: a generator that yields after every step and prints nothing.

Whoever drives it decides when to show, save or stop. A run is a value (`Run`): saved after any step and loaded
elsewhere, it goes on as if nothing had happened. Knows nothing of files, models on disk or terminals.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from foretype.model.config import Config
from foretype.model.network import Network, TorchState, detach, reset
from foretype.training.batches import Batch, Batches, Mixed, Text
from foretype.training.device import fast_bfloat16
from foretype.training.train_config import TrainConfig

_BETAS = (0.9, 0.99)
"""The second one is lower than the usual 0.999: runs are short, and old gradients mislead."""

_EVALUATION_BYTES = 1 << 16
"""How much held-out text a look during training reads; the final score reads all of it."""


@dataclass(slots=True)
class Run:
    """Hold everything that changes during training."""

    network: Network
    optimizer: torch.optim.AdamW
    state: TorchState
    step: int = 0
    """Batches learnt from so far."""
    seconds: float = 0.0
    """Time spent on them, earlier sittings included."""
    evaluations: int = 0
    best_bits: float = math.inf
    """Lowest bits per byte on held-out text, at `best_weights`."""
    best_weights: dict[str, NDArray[np.float32]] | None = None
    without_gain: int = 0
    """Evaluations since then."""


@dataclass(frozen=True, slots=True)
class Step:
    """Tell how a step went."""

    number: int
    progress: float
    """Share of the run that is done, 0 to 1."""
    bits: float
    """Bits per byte on the batch, before it was learnt from."""
    bytes_seen: int
    seconds: float
    held_out_bits: float | None = None
    """Set at evaluations."""


def start(config: Config, train_config: TrainConfig, lanes: int, device: str = "cpu") -> Run:
    """Return a fresh run of this many lanes, its weights drawn from the configuration's seed."""
    torch.manual_seed(train_config.seed)
    network = Network(config, train_config.dropout).to(device)
    optimizer = torch.optim.AdamW(
        network.parameters(),
        lr=train_config.learning_rate,
        betas=_BETAS,
        weight_decay=train_config.weight_decay,
    )
    return Run(network, optimizer, network.zero_state(lanes))


def train(run: Run, batches: Batches | Mixed, held_out: Sequence[Text], train_config: TrainConfig) -> Iterator[Step]:
    """Advance `run` until its limits, yielding after each step; `run` is then consistent and may be saved."""
    run.network.train()
    while True:
        began = time.perf_counter()
        progress = _progress(run, batches, train_config)
        bits = _learn(run, batches[run.step], train_config.learning_rate_at(progress), train_config.clip_norm)
        run.step += 1
        run.seconds += time.perf_counter() - began
        progress = _progress(run, batches, train_config)
        held_out_bits = None
        if progress >= min(1.0, (run.evaluations + 1) / train_config.evaluations):
            began = time.perf_counter()
            held_out_bits = _look(run, held_out)
            run.seconds += time.perf_counter() - began
        yield Step(run.step, progress, bits, run.step * batches.bytes_per_batch, run.seconds, held_out_bits)
        if progress >= 1.0 or run.without_gain >= train_config.patience:
            return


def _progress(run: Run, batches: Batches | Mixed, train_config: TrainConfig) -> float:
    shares = [0.0]
    if train_config.epochs is not None:
        shares.append(run.step / max(1, round(train_config.epochs * batches.steps_per_epoch)))
    if train_config.minutes is not None:
        shares.append(run.seconds / (60 * train_config.minutes))
    return min(1.0, max(shares))


def _learn(run: Run, batch: Batch, learning_rate: float, clip_norm: float) -> float:
    state = reset(run.state, torch.from_numpy(batch.resets).to(run.state[0].device))
    loss, state = _loss(run.network, batch.tokens, state)
    run.optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    torch.nn.utils.clip_grad_norm_(run.network.parameters(), clip_norm)
    for group in run.optimizer.param_groups:
        group["lr"] = learning_rate
    run.optimizer.step()
    run.state = detach(state)
    return loss.item() / math.log(2)


def _loss(network: Network, tokens: NDArray[np.uint8], state: TorchState) -> tuple[Tensor, TorchState]:
    device = state[0].device
    whole = torch.from_numpy(tokens.astype(np.int64)).to(device)
    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cpu" and fast_bfloat16()):
        logits, following = network.scan(whole[:, :-1], state)
    loss = functional.cross_entropy(logits.flatten(0, 1).float(), whole[:, 1:].flatten())
    return loss, tuple(part.float() for part in following)


def _look(run: Run, held_out: Sequence[Text]) -> float:
    bits = evaluate(run.network, held_out, _EVALUATION_BYTES)
    run.evaluations += 1
    run.without_gain += 1
    if bits < run.best_bits:
        run.best_bits, run.best_weights, run.without_gain = bits, run.network.weights(), 0
    return bits


@torch.no_grad()
def evaluate(network: Network, files: Sequence[Text], max_bytes: int) -> float:
    """Return bits per byte over the start of every file, `max_bytes` in all, each opened by its header."""
    share = max(1, max_bytes // len(files))
    device = network.head.weight.device
    was_training = network.training
    network.eval()
    nats, scored = 0.0, 0
    for file in files:
        opening, text = file.header, file.text[:share]
        tokens = torch.from_numpy(np.frombuffer(opening + text, np.uint8).astype(np.int64))[None].to(device)
        logits, _ = network.scan(tokens[:, :-1], network.zero_state(1))
        relevant = logits[0, len(opening) - 1 :]
        nats += functional.cross_entropy(relevant, tokens[0, len(opening) :], reduction="sum").item()
        scored += len(text)
    network.train(was_training)
    return nats / scored / math.log(2)
