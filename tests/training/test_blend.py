"""How far a network goes from the one it started from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from foretype.model.config import Config
from foretype.model.engine import Engine
from foretype.model.export import export
from foretype.model.registry import Registry
from foretype.training import corpus
from foretype.training.blend import MOST_FORGOTTEN, SHARES, best_blend
from foretype.training.evaluate import bits_per_byte
from foretype.training.learn import learn
from foretype.training.plan import Plan
from foretype.training.train import Step
from foretype.training.train_config import TrainConfig

SMALL = Config(n_layer=1, d_model=24, d_embed=8)


class Silent:
    """Watch a run."""

    def note(self, text: str) -> None:
        """Take a line."""

    def step(self, step: Step) -> None:
        """Take a step."""


@pytest.fixture
def model(project: Path, registry: Registry) -> Registry:
    options = TrainConfig(epochs=2, batch_size=2, seq_len=32, learning_rate=0.01)
    learn(Plan([project], options, "mine", SMALL), registry, Silent())
    return registry


@pytest.mark.parametrize("size", [0.02, 0.5])
def test_of_the_blends_that_forget_little_the_one_that_foresees_held_out_files_best_is_taken(
    model: Registry, project: Path, size: float
) -> None:
    start, held_out = model.find("mine"), corpus.read([project]).split()[1].files
    draws, old = np.random.default_rng(0), model.find("mine").weights()
    adapted = {name: value + size * draws.normal(size=value.shape).astype(np.float32) for name, value in old.items()}
    best = best_blend(start, adapted, held_out, seed=0)
    assert best.share in SHARES
    assert best.generic is not None
    nearer = [share for share in SHARES if share < best.share]
    if best.generic.loss > MOST_FORGOTTEN:
        assert not nearer  # nothing forgets less
    elif nearer:
        weights = {name: old[name] + nearer[0] * (adapted[name] - old[name]) for name in old}
        assert bits_per_byte(Engine(SMALL, export(SMALL, weights)), held_out) >= best.held_out
    np.testing.assert_allclose(best.weights["head.bias"], old["head.bias"] + best.share * (
        adapted["head.bias"] - old["head.bias"]), atol=1e-6)  # fmt: skip
    assert bits_per_byte(Engine(SMALL, best.graph), held_out) == pytest.approx(best.held_out)
