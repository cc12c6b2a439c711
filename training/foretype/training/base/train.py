"""Train the base network on the shards: one process alone, or several under torchrun that share every step.

The learning rate rises, stays, and falls over the last part of a sitting. What the constant part ended with is kept
(`stable`), so that the next sitting goes on from there as if the fall had not happened (warm-up, stable, decay: Hu et
al. 2024, "MiniCPM", section 4); what the fall ended with is the model. Knows nothing of the command line.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import nn

from foretype.model import atomic
from foretype.model.network import TorchState, detach, reset
from foretype.training.base.streams import Streams
from foretype.training.loss import LanguageModel, Loss
from foretype.training.processes import ALONE, Processes

_BETAS = (0.9, 0.98)
_SAVE_SECONDS = 300.0
_HIDDEN = ("rnn.weight", "blocks.")
"""How the names of a network's inner matrices begin, which Muon may take."""


@dataclass(frozen=True, slots=True)
class BaseConfig:
    """Say how a sitting goes."""

    minutes: float
    decay_share: float = 0.3
    """Share of the sitting, at its end, in which the learning rate falls to nothing."""
    learning_rate: float = 3e-3
    matrix_learning_rate: float = 0.0
    """Of Muon (Jordan et al. 2024) for the recurrent matrices; 0 leaves all to AdamW."""
    warmup_steps: int = 100
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    bfloat16: bool = True

    def factor_at(self, step: int, progress: float) -> float:
        """Return what the learning rates are multiplied by."""
        rising = min(1.0, (step + 1) / self.warmup_steps)
        falling = min(1.0, (1.0 - progress) / self.decay_share) if self.decay_share else 1.0
        return rising * max(falling, 0.0)


@dataclass(slots=True)
class BaseRun:
    """Hold everything that changes during training, in one process."""

    loss: nn.Module
    """Of `network`, shared with the other processes if there are any."""
    network: LanguageModel
    optimizers: list[torch.optim.Optimizer]
    state: TorchState
    streams: Streams
    processes: Processes = ALONE
    step: int = 0
    nbytes: int = 0
    """Bytes learnt from, by all processes."""


@dataclass(frozen=True, slots=True)
class BaseStep:
    """Tell how a step went."""

    number: int
    progress: float
    bits: float
    """Bits per byte on this process's part of the batch, before it was learnt from."""
    nbytes: int
    seconds: float


def start(
    network: LanguageModel, options: BaseConfig, streams: Streams, lanes: int, processes: Processes = ALONE
) -> BaseRun:
    """Return a fresh run of `network`; `streams` and `lanes` are this process's."""
    loss = processes.shared(Loss(network, bfloat16=options.bfloat16))
    return BaseRun(loss, network, optimizers(network, options), network.zero_state(lanes), streams, processes)


def optimizers(network: nn.Module, options: BaseConfig) -> list[torch.optim.Optimizer]:
    """Return what trains all weights of a network, its inner matrices by Muon if that has a learning rate."""
    matrices: list[nn.Parameter] = []
    rest: list[nn.Parameter] = []
    for name, value in network.named_parameters():
        is_matrix = name.startswith(_HIDDEN) and value.ndim == 2 and options.matrix_learning_rate > 0
        (matrices if is_matrix else rest).append(value)
    found: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(rest, lr=options.learning_rate, betas=_BETAS, weight_decay=options.weight_decay)
    ]
    if matrices:
        found.append(
            torch.optim.Muon(
                matrices,
                lr=options.matrix_learning_rate,
                weight_decay=options.weight_decay,
                adjust_lr_fn="match_rms_adamw",
            )
        )
    for optimizer in found:
        for group in optimizer.param_groups:
            group["full_lr"] = group["lr"]
    return found


def train(run: BaseRun, options: BaseConfig, folder: Path) -> Iterator[BaseStep]:
    """Advance `run` for the sitting's time, yielding after each step.

    `folder`/stable is the run as the constant part left it; the first process writes it.
    """
    began = saved = time.monotonic()
    while True:
        (progress,) = run.processes.agreed((time.monotonic() - began) / (60 * options.minutes))
        if progress >= 1.0:
            return
        if run.processes.is_first and progress < 1 - options.decay_share and time.monotonic() - saved > _SAVE_SECONDS:
            save(run, folder / "stable")
            saved = time.monotonic()
        bits = _learn(run, options.factor_at(run.step, progress), options.clip_norm)
        yield BaseStep(run.step, progress, bits, run.nbytes, time.monotonic() - began)


def _learn(run: BaseRun, factor: float, clip_norm: float) -> float:
    batch = run.streams.next()
    state = reset(run.state, torch.from_numpy(batch.resets))
    loss, following = run.loss(torch.from_numpy(batch.tokens.astype(np.int64)), *state)
    descend(run, loss, factor, clip_norm)
    run.state = detach(following)
    run.step += 1
    run.nbytes += batch.tokens[:, 1:].size * run.processes.count
    return float(loss.item()) / math.log(2)


def descend(run: Kept, loss: torch.Tensor, factor: float, clip_norm: float) -> None:
    """Take one step down the gradient of `loss`, at the full learning rates times `factor`."""
    for optimizer in run.optimizers:
        optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    nn.utils.clip_grad_norm_(run.network.parameters(), clip_norm)
    for optimizer in run.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["full_lr"] * factor
        optimizer.step()


class Kept(Protocol):
    """What of a run goes to the disk, the base's or the encoder's beside it."""

    @property
    def network(self) -> nn.Module:
        """Whose weights are kept."""

    optimizers: list[torch.optim.Optimizer]
    step: int
    nbytes: int


def save(run: Kept, path: Path) -> None:
    """Replace `path` with weights, optimizers' moments and counters; carried states are not worth keeping."""
    from safetensors.torch import save as serialise

    tensors = {f"network.{name}": value for name, value in run.network.state_dict().items()}
    for number, optimizer in enumerate(run.optimizers):
        for index, values in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{index}.{name}": torch.as_tensor(v) for name, v in values.items()}
    tensors["counters"] = torch.tensor([run.step, run.nbytes])
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_file(path, serialise({name: value.contiguous().clone() for name, value in tensors.items()}))


def restore(run: Kept, path: Path) -> None:
    """Go on from what `save` wrote for a run of the same shape and options."""
    from safetensors.torch import load_file

    tensors = load_file(path)
    run.step, run.nbytes = (int(value) for value in tensors.pop("counters"))
    prefix = "network."
    run.network.load_state_dict({n.removeprefix(prefix): v for n, v in tensors.items() if n.startswith(prefix)})
    for number, optimizer in enumerate(run.optimizers):
        state = optimizer.state_dict()
        start_of_name = f"optimizer.{number}."
        for name, value in tensors.items():
            if name.startswith(start_of_name):
                index, key = name.removeprefix(start_of_name).split(".", 1)
                state["state"].setdefault(int(index), {})[key] = value
        optimizer.load_state_dict(state)
