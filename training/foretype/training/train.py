"""Optimise a network on streams of text: a generator that yields after every step and prints nothing.

Whoever drives it decides when to show, save or stop. A run is a value (`Run`): saved after any step and loaded
elsewhere, it goes on as if nothing had happened. Several processes may take the same steps together, each with a part
of the lanes. Knows nothing of files, models on disk or terminals.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from foretype.model.config import Config
from foretype.model.network import Network, TorchState, detach, reset
from foretype.model.vocabulary import BYTES, Vocabulary
from foretype.training.batches import Batch, Batches, Mixed, Text
from foretype.training.device import fast_bfloat16
from foretype.training.held_out import held_out_bits
from foretype.training.loss import LanguageModel, Loss
from foretype.training.processes import ALONE, Processes
from foretype.training.sample import sample_line
from foretype.training.train_config import TrainConfig

_BETAS = (0.9, 0.99)
"""The second one is lower than the usual 0.999: runs are short, and old gradients mislead."""

_EVALUATION_BYTES = 1 << 16
"""How much held-out text a look during training reads; the final score reads all of it."""
_LOOKING_SHARE = 0.2
"""Of the time of a run that a time limits: one of half a minute would do little else than look."""


N = TypeVar("N", bound=LanguageModel)


@dataclass(slots=True)
class Run(Generic[N]):
    """Hold everything that changes during training."""

    network: N
    loss: nn.Module
    """Of `network`, shared with the other processes if there are any."""
    optimizer: torch.optim.AdamW
    state: TorchState
    """Of this process's lanes."""
    processes: Processes = ALONE
    vocabulary: Vocabulary = BYTES
    """Whose tokens `network` reads."""
    step: int = 0
    """Batches learnt from so far."""
    seconds: float = 0.0
    """Time spent on them, earlier sittings included."""
    evaluations: int = 0
    looking_seconds: float = 0.0
    """Time spent on those, a part of `seconds`."""
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
    """Bits per byte on this process's part of the batch, before it was learnt from; of words on average."""
    bytes_seen: int
    """By all processes."""
    seconds: float
    held_out_bits: float | None = None
    """Set at evaluations."""
    sample: str = ""
    """What the network writes by then; set at evaluations."""


def start(
    config: Config,
    train_config: TrainConfig,
    lanes: int,
    device: str = "cpu",
    processes: Processes = ALONE,
    vocabulary: Vocabulary = BYTES,
) -> Run[Network]:
    """Return a fresh run of this many lanes, all processes' together, with weights drawn from the seed."""
    torch.manual_seed(train_config.seed)
    return begin(Network(config, train_config.dropout).to(device), train_config, lanes, processes, vocabulary)


def begin(
    network: N,
    train_config: TrainConfig,
    lanes: int,
    processes: Processes = ALONE,
    vocabulary: Vocabulary = BYTES,
) -> Run[N]:
    """Return a run of this many lanes, all processes' together, over `network` as it is in the first process."""
    if not processes.is_first:
        torch.manual_seed(train_config.seed + processes.rank)  # for a dropout of its own
    device = network.head.weight.device.type
    loss = processes.shared(Loss(network, bfloat16=device == "cpu" and fast_bfloat16()))
    optimizer = torch.optim.AdamW(
        network.parameters(),
        lr=train_config.learning_rate,
        betas=_BETAS,
        weight_decay=train_config.weight_decay,
    )
    return Run(network, loss, optimizer, network.zero_state(processes.lanes(lanes)), processes, vocabulary)


def train(run: Run[N], batches: Batches | Mixed, held_out: Sequence[Text], train_config: TrainConfig) -> Iterator[Step]:
    """Advance `run` until its limits, yielding after each step; `run` is then consistent and may be saved.

    All processes yield the same number of steps; only the first one looks at `held_out`.
    """
    run.network.train()
    (progress,) = run.processes.agreed(_progress(run, batches, train_config))
    last = 0.0
    while not last:
        began = time.perf_counter()
        bits = _learn(run, batches[run.step], train_config.learning_rate_at(progress), train_config.clip_norm)
        bits /= batches.bytes_per_token
        run.step += 1
        run.seconds += time.perf_counter() - began
        progress = _progress(run, batches, train_config)
        looks = run.processes.is_first and _is_time_to_look(run, progress, train_config)
        bits_held_out, written = _look(run, held_out) if looks else (None, "")
        last = progress >= 1.0 or run.without_gain >= train_config.patience
        progress, last = run.processes.agreed(progress, last)
        yield Step(run.step, progress, bits, run.step * batches.bytes_per_batch, run.seconds, bits_held_out, written)


def _progress(run: Run[N], batches: Batches | Mixed, train_config: TrainConfig) -> float:
    shares = [0.0]
    if train_config.epochs is not None:
        shares.append(run.step / max(1, round(train_config.epochs * batches.steps_per_epoch)))
    if train_config.minutes is not None:
        shares.append(run.seconds / (60 * train_config.minutes))
    return min(1.0, max(shares))


def _is_time_to_look(run: Run[N], progress: float, train_config: TrainConfig) -> bool:
    """Tell whether to look at held-out text; where time is what limits a run, looking may take little of it."""
    if progress >= 1.0:
        return True
    is_due = progress >= (run.evaluations + 1) / train_config.evaluations
    return is_due and (train_config.minutes is None or run.looking_seconds <= _LOOKING_SHARE * run.seconds)


def _learn(run: Run[N], batch: Batch, learning_rate: float, clip_norm: float) -> float:
    device = run.state[0].device
    lanes = run.processes.part(len(batch.tokens))
    state = reset(run.state, torch.from_numpy(batch.resets[lanes]).to(device))
    loss, state = run.loss(torch.from_numpy(batch.tokens[lanes].astype(np.int64)).to(device), *state)
    run.optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(run.network.parameters(), clip_norm)
    for group in run.optimizer.param_groups:
        group["lr"] = learning_rate
    run.optimizer.step()
    run.state = detach(state)
    return float(loss.item()) / math.log(2)


def _look(run: Run[N], held_out: Sequence[Text]) -> tuple[float, str]:
    began = time.perf_counter()
    bits = held_out_bits(run.network, held_out, _EVALUATION_BYTES, run.vocabulary)
    run.evaluations += 1
    run.without_gain += 1
    if bits < run.best_bits:
        run.best_bits, run.best_weights, run.without_gain = bits, run.network.weights(), 0
    written = sample_line(run.network, held_out[0].header, run.evaluations, run.vocabulary)
    seconds = time.perf_counter() - began
    run.looking_seconds += seconds
    run.seconds += seconds
    return bits, written
