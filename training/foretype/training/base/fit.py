"""Learn the constants of the mixture from typing files of projects that no network was trained on.

First the shares that each level of counts takes, then, on other files, the gate that weighs the experts: with and
without project, network and document, since users will meet all of these. Last, on others again, the calibration.
Source of the idea of learning mixing weights on held-out text: Jelinek and Mercer 1980; the gate is a
mixture-of-experts gate (Jacobs et al. 1991).
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from foretype.model import segment
from foretype.model.engine import Engine
from foretype.model.language import header_of, language_of
from foretype.model.mixture import Mixture, gate_of
from foretype.model.native import shape
from foretype.model.predictor import Evidence, Predictor, Shares
from foretype.model.score import read
from foretype.model.segment import Segment
from foretype.model.session import Session
from foretype.model.suggest import SuggestOptions
from foretype.training.base.projects import Project
from foretype.training.calibrate import calibrate

_SHARES_PART, _GATE_PART = 0.5, 0.4
"""Of the files that are typed; what is left calibrates."""
_CALIBRATION_CHARACTERS = (8_000, 30_000)
_CALIBRATION_FILE_CHARACTERS = 1000
_SHARE_RATE, _SHARE_PASSES = 0.3, 2
_GATE_RATE, _GATE_PASSES, _GATE_BATCH = 3e-3, 4, 512
_WITHOUT_PROJECT, _WITHOUT_NETWORK, _WITHOUT_DOCUMENT = 0.3, 0.15, 0.05
"""How often a file is read without one of the experts."""
_WITHOUT_OTHERS = 0.7

Watch = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Typed:
    """Hold one file being typed and the memory of its project."""

    path: str
    text: bytes
    memory: Segment
    other: Segment
    """Of another project, of the same language where there is one."""


def fit(found: Sequence[Project], engine: Engine, seed: int, watch: Watch) -> Mixture:
    """Return constants learnt from these projects; `watch` takes a line now and then."""
    memories = {project.name: segment.build(project.known) for project in found}
    others = {project.name: memories[_neighbour(project, found).name] for project in found}
    typed = [
        _Typed(path, text, memories[project.name], others[project.name])
        for project in found
        for path, text in project.typed
    ]
    draws = random.Random(seed)  # noqa: S311  # an order, not a secret
    draws.shuffle(typed)
    cuts = [round(len(typed) * share) for share in (_SHARES_PART, _SHARES_PART + _GATE_PART)]
    shares = _fit_shares(typed[: cuts[0]], draws, watch)
    gated = _fit_gate(typed[cuts[0] : cuts[1]], shares, engine, draws, watch)
    mixture = gated
    for characters in _CALIBRATION_CHARACTERS:  # what is suggested depends on the calibration that is being learnt
        sessions = _sessions(typed[cuts[1] :], mixture, engine, draws, characters)
        mixture = calibrate(sessions, mixture, SuggestOptions())
        watch(f"calibration: {mixture.calibration.round(3).tolist()}")
    return mixture


def _neighbour(project: Project, found: Sequence[Project]) -> Project:
    """Return the next project with the same main language, or the next of all."""
    place = found.index(project)
    following = [*found[place + 1 :], *found[:place]]
    return next((other for other in following if _language(other) == _language(project)), following[0])


def _language(project: Project) -> str | None:
    counts = Counter(language_of(path) for path, _ in project.known)
    return counts.most_common(1)[0][0]


def _sessions(
    files: list[_Typed], mixture: Mixture, engine: Engine, draws: random.Random, characters: int
) -> Iterator[tuple[Session, str]]:
    left = characters
    for file in files:
        text = file.text.decode()[:_CALIBRATION_FILE_CHARACTERS]
        known = [] if draws.random() < _WITHOUT_PROJECT else [(file.memory, file.memory.mask([]))]
        yield Session(engine, header_of(file.path), mixture, known), text
        left -= len(text)
        if left <= 0:
            return


def _fit_shares(files: list[_Typed], draws: random.Random, watch: Watch) -> Mixture:
    shares = [Shares(logits, np.zeros_like(logits)) for logits in _first_logits()]

    def learnt() -> Mixture:
        project, document, structure = (one.logits for one in shares)
        return Mixture(project, document, structure, _flat_gate())

    for number in range(_SHARE_PASSES):
        draws.shuffle(files)
        for file in files:
            predictor = _predictor(learnt(), file.memory)
            predictor.teach(predictor.start(b"", at_start=True), file.text, shares, _SHARE_RATE / (number + 1))
        watch(f"shares, pass {number + 1} of {_SHARE_PASSES}: {sum(len(file.text) for file in files)} bytes")
    return learnt()


def _fit_gate(files: list[_Typed], shares: Mixture, engine: Engine, draws: random.Random, watch: Watch) -> Mixture:
    gate = _Gate()
    optimizer = torch.optim.Adam(gate.parameters(), _GATE_RATE)
    logits = [_logits(engine, file) for file in files]
    total = _GATE_PASSES * len(files)
    for number in range(_GATE_PASSES):
        order = list(range(len(files)))
        draws.shuffle(order)
        nats, scored = 0.0, 0
        for count, index in enumerate(order):
            for group in optimizer.param_groups:
                group["lr"] = _GATE_RATE * (1 - (number * len(files) + count) / total)
            evidence = _observe(files[index], shares, logits[index], draws)
            nats += _learn(gate, optimizer, evidence, files[index].text)
            scored += len(files[index].text)
        watch(f"gate, pass {number + 1} of {_GATE_PASSES}: {nats / scored / math.log(2):.4f} bits per byte")
    return replace(shares, gate=gate.flat())


def _observe(file: _Typed, shares: Mixture, logits: NDArray[np.float16], draws: random.Random) -> Evidence:
    without = draws.random()
    known = [] if without < _WITHOUT_PROJECT else [(file.memory, file.memory.mask([]))]
    network = None if 1 - without < _WITHOUT_NETWORK else logits.astype(np.float32)
    others = [] if draws.random() < _WITHOUT_OTHERS else [(file.other, file.other.mask([]))]
    predictor = Predictor(shares, known, others)
    if draws.random() >= _WITHOUT_DOCUMENT:
        predictor.hold(b"")
    return predictor.observe(predictor.start(b"", at_start=True), file.text, network)


class _Gate(nn.Module):
    """Weigh the experts from the features of a position."""

    def __init__(self) -> None:
        super().__init__()
        sizes = shape()
        self.hidden = nn.Linear(sizes.features, sizes.hidden)
        self.weights = nn.Linear(sizes.hidden, sizes.weights)
        with torch.no_grad():
            self.weights.weight.mul_(0.3)
            self.weights.bias.fill_(1 / sizes.weights)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        weights: torch.Tensor = self.weights(torch.tanh(self.hidden(features)))
        return weights

    def flat(self) -> NDArray[np.float32]:
        return gate_of(
            *(
                value.detach().numpy()
                for layer in (self.hidden, self.weights)
                for value in (layer.weight.T.contiguous(), layer.bias)
            )
        )


def _learn(gate: _Gate, optimizer: torch.optim.Optimizer, evidence: Evidence, text: bytes) -> float:
    features, logs = torch.from_numpy(evidence.features), torch.from_numpy(evidence.logs)
    targets = torch.from_numpy(np.frombuffer(text, np.uint8).astype(np.int64))
    nats = 0.0
    for start in range(0, len(text), _GATE_BATCH):
        part = slice(start, start + _GATE_BATCH)
        scores = torch.einsum("te,tes->ts", gate(features[part]), logs[part])
        loss = functional.cross_entropy(scores, targets[part])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        nats += loss.item() * len(targets[part])
    return nats


def _predictor(mixture: Mixture, memory: Segment) -> Predictor:
    predictor = Predictor(mixture, [(memory, memory.mask([]))])
    predictor.hold(b"")
    return predictor


def _logits(engine: Engine, file: _Typed) -> NDArray[np.float16]:
    blocks = [logits for _, logits in read(engine, header_of(file.path), file.text) if logits is not None]
    return np.concatenate(blocks).astype(np.float16)


def _first_logits() -> tuple[NDArray[np.float32], ...]:
    """Return shares to start from, of project, document and structures.

    Long and frequent contexts are trusted, diverse ones are not; of structures nothing is thought yet.
    """
    orders = 0.35 * (np.arange(17) - 3)
    totals = math.log(1.5) + math.log(2) * np.arange(13)
    symbols = -np.log([1, 2, 2, 2, 3, 3, 3, 7, 7, 14, 14, 20])
    logits = orders[:, None, None] + totals[None, :, None] + symbols[None, None, :]
    blend = np.asarray(np.clip(logits, -4, 6), np.float32).ravel()
    return blend, blend.copy(), np.full(shape().refine_buckets, -1.0, np.float32)


def _flat_gate() -> NDArray[np.float32]:
    sizes = shape()
    return np.zeros((sizes.features + 1) * sizes.hidden + (sizes.hidden + 1) * sizes.weights, np.float32)
