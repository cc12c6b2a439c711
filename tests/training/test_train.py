"""Training: it learns, it ends when it should, and an interrupted run goes on as if nothing had happened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from foretype.model.config import Config
from foretype.model.errors import CheckpointError
from foretype.model.network import Network
from foretype.training import snapshot
from foretype.training.batches import Batches
from foretype.training.corpus import SourceFile, read
from foretype.training.held_out import held_out_bits
from foretype.training.train import Run, start, train
from foretype.training.train_config import TrainConfig

SMALL = Config(n_layer=2, d_model=16, d_embed=8)
OPTIONS = TrainConfig(epochs=2, batch_size=2, seq_len=32, learning_rate=0.01, dropout=0.2, evaluations=4)


@pytest.fixture
def files(project: Path) -> list[SourceFile]:
    return list(read([project]).files)


def fresh(files: list[SourceFile], options: TrainConfig = OPTIONS) -> tuple[Run[Network], Batches]:
    batches = Batches(files, options.batch_size, options.seq_len, options.seed)
    return start(SMALL, options, batches.batch_size), batches


def test_a_kilobyte_is_learnt_by_heart(files: list[SourceFile]) -> None:
    options = TrainConfig(epochs=60, batch_size=1, seq_len=64, learning_rate=0.01, dropout=0, patience=99)
    batches = Batches(files[:2], 1, 64, seed=0)
    run = start(Config(n_layer=1, d_model=64, d_embed=16), options, 1)
    bits = [step.bits for step in train(run, batches, files[:1], options)]
    assert bits[0] > 7.5
    assert np.mean(bits[-10:]) < 1.0
    assert run.best_bits < 1.5


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_every_cell_learns(files: list[SourceFile], cell: str) -> None:
    batches = Batches(files, 2, 32, seed=0)
    run = start(Config(cell=cell, n_layer=1, d_model=24, d_embed=8), OPTIONS, 2)  # type: ignore[arg-type]
    bits = [step.bits for step in train(run, batches, files[:1], OPTIONS)]
    assert np.mean(bits[-10:]) < np.mean(bits[:10]) - 1


def test_what_a_window_teaches_does_not_depend_on_the_bytes_before_it(files: list[SourceFile]) -> None:
    def bits_of_the_sixth(first_step: int, *, carry_state: bool) -> float:
        batches = Batches(files, 2, 32, seed=0, carry_state=carry_state)
        options = replace(OPTIONS, learning_rate=1e-12, dropout=0.0, epochs=1.0)
        run = start(SMALL, options, 2)
        run.step = first_step
        return next(step.bits for step in train(run, batches, files[:1], options) if step.number == 6)

    alone, after_others = (bits_of_the_sixth(step, carry_state=False) for step in (5, 0))
    assert alone == pytest.approx(after_others, abs=1e-5)
    alone, after_others = (bits_of_the_sixth(step, carry_state=True) for step in (5, 0))
    assert alone != pytest.approx(after_others, abs=1e-3)


@pytest.mark.parametrize("cut", [1, 7, 20])
def test_a_resumed_run_equals_an_uninterrupted_one_to_the_last_bit(
    files: list[SourceFile], tmp_path: Path, cut: int
) -> None:
    run, batches = fresh(files)
    whole = [step.bits for step in train(run, batches, files[:2], OPTIONS)]
    interrupted, _ = fresh(files)
    first = []
    for step in train(interrupted, batches, files[:2], OPTIONS):
        first.append(step.bits)
        if step.number == cut:
            break
    snapshot.save(tmp_path / "run", interrupted, OPTIONS, "text")
    torch.manual_seed(999)  # another process would have drawn other numbers by now
    resumed, options, fingerprint = snapshot.load(tmp_path / "run")
    assert (options, fingerprint) == (OPTIONS, "text")
    second = [step.bits for step in train(resumed, batches, files[:2], options)]
    assert first + second == whole
    assert resumed.best_bits == run.best_bits
    assert resumed.best_weights is not None
    assert run.best_weights is not None
    for name, weight in run.network.weights().items():
        np.testing.assert_array_equal(resumed.network.weights()[name], weight)
        np.testing.assert_array_equal(resumed.best_weights[name], run.best_weights[name])


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_damaged_snapshot_is_refused(files: list[SourceFile], tmp_path: Path, damage: bytes | None) -> None:
    run, _ = fresh(files)
    path = tmp_path / "run"
    snapshot.save(path, run, OPTIONS, "text")
    path.write_bytes(path.read_bytes()[:-1] if damage is None else damage)
    with pytest.raises(CheckpointError, match="train without --resume"):
        snapshot.load(path)


def test_a_snapshot_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no interrupted run"):
        snapshot.load(tmp_path / "nothing")


def test_the_best_weights_are_kept_and_a_run_without_gain_ends_early(files: list[SourceFile]) -> None:
    options = TrainConfig(epochs=100, batch_size=2, seq_len=32, learning_rate=0.5, evaluations=50, patience=3)
    run, batches = fresh(files, options)
    looked = [s.held_out_bits for s in train(run, batches, files[:2], options) if s.held_out_bits is not None]
    assert len(looked) < 50
    assert run.best_bits == min(looked)
    assert run.best_weights is not None
    run.network.load_weights(run.best_weights)
    assert held_out_bits(run.network, files[:2], 1 << 16) == pytest.approx(run.best_bits, abs=1e-5)


def test_a_run_that_a_time_limits_looks_no_more_once_looking_has_taken_a_fifth_of_it(files: list[SourceFile]) -> None:
    options = replace(OPTIONS, minutes=1000.0, patience=99)
    run, batches = fresh(files, options)
    run.seconds = 10.0
    run.looking_seconds = 1000.0
    looks = [step.progress for step in train(run, batches, files[:1], options) if step.held_out_bits is not None]
    assert looks == [1.0]
    assert run.looking_seconds > 1000.0


def test_the_learning_rate_rises_stays_and_falls_to_nothing() -> None:
    options = TrainConfig(epochs=1, learning_rate=1.0, warmup_share=0.1, decay_share=0.5)
    rates = [options.learning_rate_at(progress / 100) for progress in range(101)]
    assert rates[0] < 0.1
    assert max(rates) == 1.0
    assert rates[20] == rates[50] == 1.0
    assert rates[100] == 0.0
    assert np.all(np.diff(rates[50:]) <= 0)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "minutes, epochs or both"),
        ({"minutes": -1}, "minutes must be above 0"),
        ({"epochs": 1, "batch_size": 0}, "batch_size must be above 0, got 0"),
    ],
)
def test_wrong_options_die_at_construction(options: dict[str, float], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        TrainConfig(**options)  # type: ignore[arg-type]
