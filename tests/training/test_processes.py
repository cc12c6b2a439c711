"""Several processes share a run: real ones, started by torchrun."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from foretype.model.config import Config
from foretype.model.registry import DATA_DIR_VARIABLE, Registry
from foretype.training.learn import learn
from foretype.training.plan import Plan
from foretype.training.processes import Processes
from foretype.training.train import Step
from foretype.training.train_config import TrainConfig

SHAPE = ("--cell", "lstm", "--hidden", "24", "--layers", "1", "--name", "mine", "--json")


class Interrupting:
    """Watch a run and end it early."""

    def __init__(self, at: int) -> None:
        self._at = at

    def note(self, text: str) -> None:
        """Take a line."""

    def step(self, step: Step) -> None:
        if step.number == self._at:
            raise KeyboardInterrupt


def train(*arguments: str | Path, processes: int, data: Path) -> subprocess.CompletedProcess[str]:
    """Run `foretype train` in so many processes."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    command = [sys.executable, *(torchrun if processes > 1 else ()), "-m", "foretype.server", "train", *arguments]
    environment = {**os.environ, DATA_DIR_VARIABLE: str(data), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=150, check=False)


@pytest.mark.parametrize(("total", "count"), [(16, 2), (16, 3), (5, 4)])
def test_the_parts_of_all_processes_are_all_lanes(total: int, count: int) -> None:
    parts = [Processes(rank, count).part(total) for rank in range(count)]
    assert [lane for part in parts for lane in range(total)[part]] == list(range(total))
    assert [Processes(rank, count).lanes(total) for rank in range(count)] == [p.stop - p.start for p in parts]


@pytest.mark.skipif(os.name == "nt", reason="torchrun's meeting point needs libuv, which torch lacks on Windows")
def test_two_processes_learn_what_one_learns(project: Path, tmp_path: Path) -> None:
    alone = train(project, *SHAPE, "--epochs", "12", processes=1, data=tmp_path / "one")
    together = train(project, *SHAPE, "--epochs", "12", processes=2, data=tmp_path / "two")
    assert (alone.returncode, together.returncode) == (0, 0), together.stderr
    one, two = json.loads(alone.stdout), json.loads(together.stdout)
    assert two["promoted"]
    assert two["held_out"]["after"] == pytest.approx(one["held_out"]["after"], rel=0.05)
    assert one["held_out"]["before"] - two["held_out"]["after"] > 1
    assert len(Registry(tmp_path / "two").versions("mine")) == 1


@pytest.mark.skipif(os.name == "nt", reason="torchrun's meeting point needs libuv, which torch lacks on Windows")
def test_two_processes_go_on_with_what_one_began(project: Path, tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    options = TrainConfig(epochs=8, batch_size=4, seq_len=32)
    with pytest.raises(KeyboardInterrupt):
        learn(Plan([project], options, "mine", Config(n_layer=1, d_model=24)), registry, Interrupting(at=5))
    went_on = train(project, "--name", "mine", "--resume", "--json", processes=2, data=tmp_path)
    assert went_on.returncode == 0, went_on.stderr
    assert "resuming after step 5" in went_on.stderr
    assert json.loads(went_on.stdout)["promoted"]


@pytest.mark.skipif(os.name == "nt", reason="torchrun's meeting point needs libuv, which torch lacks on Windows")
def test_a_text_too_small_for_the_processes_is_refused_in_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    for name in ("one.py", "two.py"):
        (folder / name).write_text(f"# {name}\nprint('it is small')\n", encoding="utf-8")
    refused = train(folder, *SHAPE, "--epochs", "3", processes=2, data=tmp_path / "data")
    assert refused.returncode != 0
    assert "too little for 2 processes; start fewer" in refused.stderr
    assert not (tmp_path / "data" / "models" / "mine").exists()
