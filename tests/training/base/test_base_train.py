"""Training of the base network: it learns, and a sitting goes on from where the constant part of the last one ended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from tests.training.base.test_streams import LINES

from foretype.model import checkpoint
from foretype.model.config import Config
from foretype.model.network import Network
from foretype.training import shards
from foretype.training.base.sitting import TRANSFORMER, sit
from foretype.training.base.streams import Library, Streams
from foretype.training.base.train import BaseConfig, BaseRun, restore, save, start, train
from foretype.training.loss import LanguageModel
from foretype.training.shards import ShardedText
from foretype.training.transformer import Transformer

CONFIG = Config(n_layer=1, d_model=32, d_embed=8)
OPTIONS = BaseConfig(minutes=0.05, learning_rate=0.01, warmup_steps=2, bfloat16=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with shards.new_shards(tmp_path / "shards" / "train") as writer:
        writer.add(ShardedText("src/long.py", "long", b"".join(LINES)))
    return tmp_path / "shards"


def begin(folder: Path, options: BaseConfig = OPTIONS, network: LanguageModel | None = None) -> BaseRun:
    streams = Streams(Library(folder / "train", {}, 33), 4, 32, (0,))
    torch.manual_seed(0)
    return start(network or Network(CONFIG), options, streams, 4)


@pytest.mark.usefixtures("one_torch_thread")
@pytest.mark.parametrize("matrix_learning_rate", [0.0, 0.01])
def test_it_learns(folder: Path, tmp_path: Path, matrix_learning_rate: float) -> None:
    options = BaseConfig(
        minutes=0.05, learning_rate=0.01, matrix_learning_rate=matrix_learning_rate, warmup_steps=2, bfloat16=False
    )
    bits = [step.bits for step in train(begin(folder, options), options, tmp_path)]
    assert bits[-1] < bits[0] - 1


@pytest.mark.usefixtures("one_torch_thread")
def test_the_transformer_learns_from_the_same_streams(folder: Path, tmp_path: Path) -> None:
    bits = [step.bits for step in train(begin(folder, network=Transformer(1, 32, 2)), OPTIONS, tmp_path)]
    assert bits[-1] < bits[0] - 1


@pytest.mark.usefixtures("one_torch_thread")
def test_what_was_saved_is_what_goes_on(folder: Path, tmp_path: Path) -> None:
    run = begin(folder)
    for _ in train(run, OPTIONS, tmp_path):
        pass
    save(run, tmp_path / "stable")
    other = begin(folder)
    restore(other, tmp_path / "stable")
    assert (other.step, other.nbytes) == (run.step, run.nbytes)
    for name, value in run.network.state_dict().items():
        assert torch.equal(value, other.network.state_dict()[name])
    mine, theirs = (one.optimizers[0].state_dict()["state"] for one in (run, other))
    for index, moments in mine.items():
        for name, value in moments.items():
            assert torch.equal(torch.as_tensor(value), torch.as_tensor(theirs[index][name]))


@pytest.mark.usefixtures("one_torch_thread")
def test_a_sitting_ends_with_a_model_like_any_other(folder: Path, tmp_path: Path) -> None:
    sit(
        folder, tmp_path / "run", minutes=0.03, decay=0.3, cell="lstm", layers=1, hidden=16, embed=8,
        batch=4, steps=32, rate=0.01, muon=0.0, seed=0,
    )  # fmt: skip
    found = checkpoint.load(tmp_path / "run" / "model")
    assert found.config == Config(n_layer=1, d_model=16, d_embed=8)
    assert found.engine().zero_state().lanes == 1
    assert (tmp_path / "run" / "log.jsonl").read_text().count("\n") == 2


@pytest.mark.usefixtures("one_torch_thread")
@pytest.mark.parametrize("cell", ["gru", TRANSFORMER])
def test_a_sitting_ends_by_scoring_the_packages_that_are_held_out(folder: Path, tmp_path: Path, cell: str) -> None:
    with shards.new_shards(folder / "held_out") as writer:
        for number in range(8):
            writer.add(ShardedText(f"src/{number}.py", "other", b"".join(LINES)[number * 900 : number * 900 + 1500]))
    sit(
        folder, tmp_path / "run", minutes=0.03, decay=0.3, cell=cell, layers=1, hidden=64, embed=8,
        batch=4, steps=32, rate=0.01, muon=0.0, seed=0,
    )  # fmt: skip
    last = json.loads((tmp_path / "run" / "log.jsonl").read_text().splitlines()[-1])
    assert 0 < last["held_out_bits"] < 9
    assert (tmp_path / "run" / "model").exists() == (cell != TRANSFORMER)


def test_the_learning_rate_rises_stays_and_falls() -> None:
    options = BaseConfig(minutes=1, decay_share=0.5, warmup_steps=10)
    factors = [
        options.factor_at(step, progress) for step, progress in ((0, 0.0), (9, 0.1), (99, 0.5), (99, 0.75), (99, 1.0))
    ]
    assert factors == pytest.approx([0.1, 1.0, 1.0, 0.5, 0.0])
