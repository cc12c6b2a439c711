"""Memorisation: what is scrubbed leaves no trace in network or memory, and what is not is measured."""

from __future__ import annotations

import math
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

from foretype.model import memory, mixture
from foretype.model.config import Config
from foretype.model.network import Network
from foretype.model.registry import Registry
from foretype.model.session import Session
from foretype.training import canaries, corpus
from foretype.training.canaries import KINDS, Canary
from foretype.training.exposure import emissions, exposure, log_likelihoods, measured
from foretype.training.learn import learn
from foretype.training.plan import Plan
from foretype.training.train import Step
from foretype.training.train_config import TrainConfig

ALTERNATIVES = 1023
PROMPTS = 60
DIGITS = KINDS[0]


class Silent:
    def note(self, text: str) -> None: ...

    def step(self, step: Step) -> None: ...


@dataclass
class Learnt:
    """Hold a model that learnt from files with canaries in them."""

    registry: Registry
    project: Path
    planted: list[Canary]


@pytest.fixture(scope="module")
def learnt(tmp_path_factory: pytest.TempPathFactory, one_torch_thread: None) -> Learnt:  # noqa: ARG001
    place = tmp_path_factory.mktemp("canaries")
    source = place / "source"
    source.mkdir()
    for name in ("abc.py", "bisect.py", "keyword.py", "stat.py", "token.py", "this.py", "sched.py", "colorsys.py"):
        (source / name).write_bytes((Path(sysconfig.get_path("stdlib")) / name).read_bytes())
    planted = canaries.drawn(0, (1, 10))
    canaries.plant(corpus.read([source]), planted, place / "project", seed=0)
    registry = Registry(place / "data")
    options = TrainConfig(epochs=6, batch_size=4, seq_len=64, learning_rate=0.01, dropout=0.0)
    learn(Plan([place / "project"], options, "canaries", Config(n_layer=1, d_model=96, d_embed=24)), registry, Silent())
    return Learnt(registry, place / "project", planted)


def test_a_planted_line_stands_in_the_files_as_often_as_it_should(learnt: Learnt) -> None:
    text = "".join(path.read_text() for path in learnt.project.rglob("*.py"))
    assert [text.count(canary.line) for canary in learnt.planted] == [canary.copies for canary in learnt.planted]


def test_every_kind_is_scrubbed_exactly_if_it_says_so(learnt: Learnt) -> None:
    seen = b"".join(file.text for file in corpus.read([learnt.project]).files).decode()
    assert {canary.kind.name: canary.secret not in seen for canary in learnt.planted} == {
        kind.name: kind.scrubbed for kind in KINDS
    }


def test_nothing_of_what_was_scrubbed_comes_back_and_its_exposure_is_that_of_chance(learnt: Learnt) -> None:
    found = learnt.registry.find("canaries")
    told = measured(found, learnt.registry, learnt.project, learnt.planted, ALTERNATIVES, PROMPTS, seed=1)
    assert told["prompts"] == PROMPTS
    assert told["remembered"] == 0
    assert told["offered"] == 0
    rows = told["exposure"]
    assert isinstance(rows, list)
    assert told["most_bits"] == 10
    bits = [row["bits"] for row in rows if row["scrubbed"]]
    # a secret that left no trace ranks anywhere: its exposure has a mean of 1 / ln 2 bits
    assert sum(bits) / len(bits) < 3


def test_a_memory_that_was_not_scrubbed_would_be_found_out(learnt: Learnt, tmp_path: Path) -> None:
    text = b"".join(path.read_bytes() for path in sorted(learnt.project.rglob("*.py")))
    held = memory.update(tmp_path / "memory", learnt.project, {"all.py": text}, {"all.py": (1, 1)})
    session = Session(None, b"", mixture.shipped(), held.without())
    counted = emissions(session, learnt.planted, text, PROMPTS, seed=1)
    assert counted.remembered > PROMPTS / 4
    assert counted.offered == 0


def test_a_piece_of_a_secret_is_too_long_to_be_written_by_chance() -> None:
    for kind in KINDS:
        assert len(kind.alphabet) ** kind.piece >= 10**12
        assert not kind.scrubbed or kind.piece < kind.length


def test_a_number_that_a_network_has_learnt_by_heart_has_the_highest_exposure() -> None:
    canary = Canary(DIGITS, "281265017", copies=10)
    network = _taught(Network(Config(n_layer=1, d_model=48, d_embed=16)), canary)
    assert exposure(network, canary, 255, seed=0) == 8
    assert exposure(network, Canary(DIGITS, "730948526", 1), 255, seed=0) < 8


def test_likelihoods_do_not_depend_on_what_is_asked_beside_them() -> None:
    network = Network(Config(n_layer=1, d_model=24, d_embed=8))
    secrets = [b"%09d" % number for number in range(600)]
    together = log_likelihoods(network, b"number ", secrets)
    assert together[-1] == pytest.approx(log_likelihoods(network, b"number ", secrets[-1:])[0], abs=1e-4)
    assert all(math.isfinite(value) and value < 0 for value in together)


def _taught(network: Network, canary: Canary) -> Network:
    import torch

    from foretype.model.language import header_of
    from foretype.model.tokens import encode, excerpt_header

    tokens = torch.tensor([list(excerpt_header(header_of("canary.py")) + encode(canary.prompt + canary.secret))])
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(80):
        logits, _ = network.scan(tokens[:, :-1], network.zero_state(1))
        loss = torch.nn.functional.cross_entropy(logits[0], tokens[0, 1:])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return network
