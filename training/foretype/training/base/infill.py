"""Train the encoder of what stands right of the caret, beside a base network that stays as it is.

    RUN/stable                where the next sitting goes on
    RUN/log.jsonl             a line every few seconds
    RUN/infill.safetensors    what this sitting ended with

The base reads whole stretches without gradients; each place in them that lies in a gap is learnt from, the place where
the gap meets the text right of it among them, so that what is written learns to stop. Knows nothing of the command
line.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from foretype.model import checkpoint
from foretype.model.language import header_of
from foretype.model.network import Network
from foretype.model.tokens import NEWLINE, excerpt_header
from foretype.training.base import infill_network
from foretype.training.base.gaps import gaps
from foretype.training.base.infill_network import InfillNetwork, symbols
from foretype.training.base.manifest import packages
from foretype.training.base.sitting import Log
from foretype.training.base.streams import Library
from foretype.training.base.train import BaseConfig, BaseStep, descend, optimizers, restore, save

FILE = "infill.safetensors"
_SAVE_SECONDS = 120.0
_SHORTEST = 400
"""Documents below, in bytes, have little right of anything."""
_HELD_OUT_READINGS = 24


@dataclass(frozen=True, slots=True)
class Sizes:
    """Say how large the encoder is and what it learns from at once."""

    d_embed: int = 32
    d_encoder: int = 192
    d_mix: int = 256
    reach: int = 64
    """Bytes right of the caret that are read."""
    lanes: int = 16
    steps: int = 512
    """Bytes of a stretch."""
    cuts: int = 3
    """How often a stretch is cut into other gaps: reading it is what costs most."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Hold a stretch of a document."""

    opening: bytes
    """Its header."""
    text: bytes
    """With what stands right of the last gap, as far as it is read."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold what the base makes of some stretches, place after place: of N = B T places."""

    hidden: torch.Tensor
    """(N, D)"""
    logits: torch.Tensor
    """(N, V)"""
    wanted: torch.Tensor
    """(N,) int64: the byte that follows."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Hold the gaps of some stretches."""

    right: torch.Tensor
    """(S, R) int64: symbols right of each gap."""
    places: torch.Tensor
    """(P,) int64: those of a reading that are learnt from."""
    gap_of: torch.Tensor
    """(P,) int64: of each place, the number of its gap."""


@dataclass(slots=True)
class InfillRun:
    """Hold everything that changes during training."""

    network: InfillNetwork
    base: Network
    optimizers: list[torch.optim.Optimizer]
    step: int = 0
    nbytes: int = 0
    """Places learnt from."""


def sit(shards: Path, base: Path, folder: Path, options: BaseConfig, sizes: Sizes, seed: int) -> None:
    """Train for the sitting's time from where the run in `folder` stands, or from the beginning."""
    torch.manual_seed(seed)
    run = start(_base(base), options, sizes)
    folder.mkdir(parents=True, exist_ok=True)
    resumed = (folder / "stable").exists()
    if resumed:
        restore(run, folder / "stable")
    library = Library(shards / "train", {package.name: package.share for package in packages()}, _SHORTEST)
    draws = np.random.default_rng([seed, int(time.time()) if resumed else 0])  # other text than in sittings before
    log = Log(folder / "log.jsonl")
    for step in train(run, options, sizes, library, draws, folder):
        log.take(step)
    infill_network.save(folder / FILE, run.network)
    if (shards / "held_out").exists():
        alone, conditioned = held_out_bits(run, sizes, Library(shards / "held_out", {}, _SHORTEST))
        log.write({"steps": run.step, "places": run.nbytes, "held_out_alone": alone, "held_out": conditioned})


def start(base: Network, options: BaseConfig, sizes: Sizes) -> InfillRun:
    """Return a fresh run beside `base`."""
    network = InfillNetwork(base.config, sizes.d_embed, sizes.d_encoder, sizes.d_mix, sizes.reach)
    return InfillRun(network, base, optimizers(network, options))


def train(
    run: InfillRun, options: BaseConfig, sizes: Sizes, library: Library, draws: np.random.Generator, folder: Path
) -> Iterator[BaseStep]:
    """Advance `run` for the sitting's time, yielding after each step; `folder`/stable is where its constant part is."""
    began = saved = time.monotonic()
    while (progress := (time.monotonic() - began) / (60 * options.minutes)) < 1.0:
        if progress < 1 - options.decay_share and time.monotonic() - saved > _SAVE_SECONDS:
            save(run, folder / "stable")
            saved = time.monotonic()
        stretches = [_stretch(library, sizes, draws) for _ in range(sizes.lanes)]
        reading = read(run.base, stretches, sizes)
        for _ in range(sizes.cuts):
            bits = _learn(run, options, options.factor_at(run.step, progress), reading, cut(stretches, sizes, draws))
            yield BaseStep(run.step, progress, bits, run.nbytes, time.monotonic() - began)


def _learn(run: InfillRun, options: BaseConfig, factor: float, reading: Reading, gaps_in_it: Cut) -> float:
    """Learn from the gaps and return how many bits a place costs more than it costs the base alone."""
    alone, conditioned = costs(run.network, reading, gaps_in_it)
    descend(run, conditioned, factor, options.clip_norm)
    run.step += 1
    run.nbytes += len(gaps_in_it.places)
    return (conditioned.item() - alone.item()) / math.log(2)


def costs(network: InfillNetwork, reading: Reading, found: Cut) -> tuple[torch.Tensor, torch.Tensor]:
    """Return nats per place of the base alone and with the encoder; only the second has a gradient."""
    with torch.autocast("cpu", torch.bfloat16):
        encoded = network.encode(found.right)[found.gap_of]
        shift = network.shift(reading.hidden[found.places], encoded).float()
    logits, wanted = reading.logits[found.places], reading.wanted[found.places]
    return functional.cross_entropy(logits, wanted), functional.cross_entropy(logits + shift, wanted)


@torch.no_grad()
def held_out_bits(run: InfillRun, sizes: Sizes, library: Library) -> tuple[float, float]:
    """Return bits per place of the base alone and with the encoder, on text that nothing has learnt from."""
    draws = np.random.default_rng(0)
    found = []
    for _ in range(_HELD_OUT_READINGS):
        stretches = [_stretch(library, sizes, draws) for _ in range(sizes.lanes)]
        found.append(costs(run.network, read(run.base, stretches, sizes), cut(stretches, sizes, draws)))
    alone, conditioned = (sum(float(pair[which]) for pair in found) / len(found) / math.log(2) for which in (0, 1))
    return round(alone, 4), round(conditioned, 4)


@torch.no_grad()
def read(base: Network, stretches: list[Stretch], sizes: Sizes) -> Reading:
    """Let the base read stretches of `sizes.steps` bytes; shorter ones are filled up with what no gap is in."""
    tokens = np.zeros((len(stretches), sizes.steps + 1), np.int64)
    for row, one in zip(tokens, stretches, strict=True):
        known = np.frombuffer(one.opening + one.text, np.uint8)[: len(row)]
        row[: len(known)] = known
    read_tokens = torch.from_numpy(tokens)
    with torch.autocast("cpu", torch.bfloat16):
        hidden = base.rnn(base.embed(read_tokens[:, :-1]))[0].flatten(0, 1)
        logits = base.head(hidden).float()
    return Reading(hidden, logits, read_tokens[:, 1:].flatten())


def cut(stretches: list[Stretch], sizes: Sizes, draws: np.random.Generator) -> Cut:
    """Return gaps that cover the stretches, other ones at every call."""
    right: list[NDArray[np.int64]] = []
    places: list[NDArray[np.intp]] = []
    gap_of: list[NDArray[np.intp]] = []
    for row, one in enumerate(stretches):
        # the byte at a place of the text is predicted by the output before it
        first = row * sizes.steps + len(one.opening) - 1
        for gap in gaps(one.text, sizes.steps + 1 - len(one.opening), draws):
            places.append(np.arange(first + gap.start, first + gap.end + 1))
            gap_of.append(np.full(len(places[-1]), len(right)))
            right.append(symbols(one.text[gap.end :], sizes.reach))
    arrays = np.stack(right), np.concatenate(places), np.concatenate(gap_of)
    return Cut(*map(torch.from_numpy, arrays))


def _stretch(library: Library, sizes: Sizes, draws: np.random.Generator) -> Stretch:
    path, document = library.draw(draws)
    wanted = sizes.steps + sizes.reach
    spare = len(document) - wanted
    place = int(draws.integers(-wanted // 2, spare + 1)) if spare > 0 else 0
    text = document[max(0, place) :][: wanted + sizes.reach].tobytes()
    header = header_of(path)
    if place <= 0:
        return Stretch(header, text)
    return Stretch(excerpt_header(header), text[text.find(bytes([NEWLINE])) + 1 :])


def _base(folder: Path) -> Network:
    found = checkpoint.load(folder)
    network = Network(found.config)
    network.load_weights(found.weights())
    return network.eval().requires_grad_(requires_grad=False)
