"""Kill a training run at random moments and look at what is left: `python -m tests.training.kills 200`.

Whatever the moment, the model that served before or a whole newer one serves, what was saved of the run can be gone on
with, and the next run is unharmed. Runs go on and end and begin anew, so that kills hit saving, export, promotion and
all that is between.
"""

from __future__ import annotations

import itertools
import multiprocessing
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.conftest import LEARNT_TEXT, write_project

from foretype.model import checkpoint
from foretype.model.config import Config
from foretype.model.errors import CheckpointError
from foretype.model.registry import Registry
from foretype.training import learn as learning
from foretype.training import snapshot
from foretype.training.batches import PlainText
from foretype.training.evaluate import bits_per_byte
from foretype.training.plan import Plan
from foretype.training.train import Step
from foretype.training.train_config import TrainConfig

NAME = "mine"
_SHAPE = Config(n_layer=1, d_model=24, d_embed=8)
_LONGEST_SECONDS = 0.7


class _Quiet:
    def note(self, text: str) -> None:
        pass

    def step(self, step: Step) -> None:
        pass


def run(project: Path, data: Path, seed: int) -> None:
    """Go on with what was cut off, or learn anew."""
    options = TrainConfig(epochs=1, batch_size=2, seq_len=32, learning_rate=0.01, evaluations=2, seed=seed)
    registry = Registry(data)
    try:
        learning.learn(Plan([project], None, NAME, _SHAPE, resume=True), registry, _Quiet())
    except CheckpointError:  # nothing was cut off
        learning.learn(Plan([project], options, NAME, _SHAPE), registry, _Quiet())


def run_for_ever(project: Path, data: Path) -> None:
    """Run after run."""
    learning._SAVE_SECONDS = 0.0  # a kill should often hit the saving
    for seed in itertools.count():
        run(project, data, seed)


def look(data: Path) -> str:
    """Return what serves, none before the first promotion; anything that is not whole raises."""
    registry = Registry(data)
    served = registry.promoted(NAME)
    if served is not None:
        bits = bits_per_byte(registry.find(NAME).engine(), [PlainText(b"\xff\xfe\xfc", LEARNT_TEXT.encode())])
        assert 0 < bits < 16
    for version in registry.versions(NAME):
        checkpoint.load(data / "models" / NAME / version)
    saved = data / "training" / f"{NAME}.safetensors"
    if saved.exists():
        snapshot.load(saved)
    return served or "none"


def kill_runs(count: int, seed: int) -> list[str]:
    """Kill a run `count` times; return what served after each."""
    if sys.platform == "win32":
        raise RuntimeError("Windows has no fork")
    draws = random.Random(seed)
    found = []
    with tempfile.TemporaryDirectory(prefix="foretype-kills-") as scratch:
        project, data = Path(scratch) / "project", Path(scratch) / "data"
        write_project(project, 3)
        run(project, Path(scratch) / "other", seed=0)  # torch imports much of itself at the first step
        context = multiprocessing.get_context("fork")
        for _ in range(count):
            process = context.Process(target=run_for_ever, args=(project, data))
            process.start()
            time.sleep(draws.random() * _LONGEST_SECONDS)
            process.kill()
            process.join()
            found.append(look(data))
    return found


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    served = kill_runs(int(sys.argv[1]), seed=int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    sys.stdout.write(f"{len(served)} kills, {len(set(served))} versions served, the last one {served[-1]}\n")
