"""What a version, or a run that is not finished, says of the files that it has learnt from."""

from __future__ import annotations

from pathlib import Path

import pytest

from foretype.model import forgetting, forgotten, sources
from foretype.model.config import Config
from foretype.model.forgetting import UNFINISHED, Mark
from foretype.model.registry import Registry
from foretype.training import corpus
from foretype.training.learn import Learnt, learn
from foretype.training.plan import Plan
from foretype.training.train import Step
from foretype.training.train_config import TrainConfig


class Watcher:
    """Interrupt a run at its first step, if that is wanted."""

    def __init__(self, *, interrupts: bool = False) -> None:
        self._interrupts = interrupts

    def note(self, text: str) -> None:
        pass

    def step(self, step: Step) -> None:  # noqa: ARG002  # the protocol's signature
        if self._interrupts:
            raise KeyboardInterrupt


def run(paths: list[Path], registry: Registry, *, interrupts: bool = False, **plan: object) -> Learnt:
    start_from = plan.pop("start_from", None)
    options = TrainConfig(epochs=0.5, batch_size=2, seq_len=32, dropout=0.0, start_from=start_from)  # type: ignore[arg-type]
    values = {"train_config": options, "config": Config(n_layer=1, d_model=16, d_embed=8), "name": "mine", **plan}
    return learn(Plan(paths, **values), registry, Watcher(interrupts=interrupts))  # type: ignore[arg-type]


def test_a_version_has_learnt_from_the_files_that_were_not_held_out(project: Path, registry: Registry) -> None:
    found = registry.version("mine", run([project], registry).version).sources()
    train, held_out = corpus.read([project]).split()
    assert found.complete
    assert found.roots == (str(project),)
    assert {path for path, _ in found.files} == {sources.digest_of(file.path) for file in train.files}
    assert not found.include({sources.digest_of(file.path) for file in held_out.files})


def test_a_version_that_began_as_another_has_learnt_from_what_that_had(project: Path, registry: Registry) -> None:
    first = run([project / "inner"], registry)
    second = run([project], registry, config=None, start_from="mine")
    third = run([project / "names_0.py"], registry, name="third", config=None, start_from="mine")
    assert first.promoted
    assert second.version == "0002"
    inner = {sources.digest_of(project / "inner")}
    assert registry.version("mine", first.version).sources().include(inner)
    assert registry.version("third", third.version).sources().include(inner)


def test_a_run_that_was_interrupted_says_it_too_and_so_does_what_comes_of_it(project: Path, registry: Registry) -> None:
    with pytest.raises(KeyboardInterrupt):
        run([project], registry, interrupts=True)
    file = corpus.read([project]).split()[0].files[0].path
    forgetting.forget([file], registry)
    out = forgotten.load(registry.root)
    assert forgetting.marks(registry, out) == [Mark("mine", UNFINISHED, True)]
    resumed = run([project], registry, train_config=None, resume=True)
    assert forgetting.marks(registry, out) == [Mark("mine", resumed.version, True)]
    left = {path.suffix for path in (registry.root / "training").iterdir()}
    assert left <= {".jsonl", ".png", ".lock"}


def test_a_run_that_begins_anew_owes_nothing_to_one_that_was_interrupted(project: Path, registry: Registry) -> None:
    with pytest.raises(KeyboardInterrupt):
        run([project], registry, interrupts=True)
    forgetting.forget([project / "inner"], registry)
    anew = run([project], registry)
    assert forgetting.marks(registry, forgotten.load(registry.root)) == [Mark("mine", anew.version, False)]
