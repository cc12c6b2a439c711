"""A whole run: what is promoted, what is kept, and what a kill leaves behind."""

from __future__ import annotations

import json
import math
import random
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from torch import nn
from torch.nn.utils import clip_grad_norm_

from foretype.model.config import Config
from foretype.model.errors import UserError
from foretype.model.registry import Registry
from foretype.model.sources import digest_of
from foretype.training import corpus, snapshot
from foretype.training.batches import Batches
from foretype.training.blend import MOST_FORGOTTEN
from foretype.training.evaluate import bits_per_byte
from foretype.training.learn import Learnt, _Learning, learn
from foretype.training.plan import Plan, suitable_config
from foretype.training.record import learnt_before
from foretype.training.train import Step
from foretype.training.train_config import TrainConfig


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


SMALL = Config(n_layer=1, d_model=24, d_embed=8)


class Notes:
    """Keep what a run tells."""

    def __init__(self, interrupt_at: int | None = None) -> None:
        self.notes: list[str] = []
        self.steps: list[Step] = []
        self._interrupt_at = interrupt_at

    def note(self, text: str) -> None:
        self.notes.append(text)

    def step(self, step: Step) -> None:
        self.steps.append(step)
        if step.number == self._interrupt_at:
            raise KeyboardInterrupt


def options(epochs: float = 2, learning_rate: float = 0.01) -> TrainConfig:
    return TrainConfig(epochs=epochs, batch_size=2, seq_len=32, learning_rate=learning_rate, dropout=0.0)


def adapting(epochs: float = 2, rehearsal_lanes: int = 1, learning_rate: float = 0.003) -> TrainConfig:
    return replace(options(epochs, learning_rate), start_from="mine", batch_size=2, rehearsal_lanes=rehearsal_lanes)


def run(project: Path, registry: Registry, notes: Notes | None = None, **plan: object) -> Learnt:
    values = {"train_config": options(), "config": SMALL, "name": "mine", **plan}
    return learn(Plan(paths=[project], **values), registry, notes or Notes())  # type: ignore[arg-type]


def test_a_run_ends_in_a_promoted_version_that_predicts_held_out_files_better(
    project: Path, registry: Registry
) -> None:
    learnt = run(project, registry)
    assert learnt.promoted
    assert learnt.after < learnt.before
    found = registry.find("mine")
    held_out = corpus.read([project]).split()[1]
    assert bits_per_byte(found.engine(), held_out.files) == pytest.approx(learnt.after)
    assert found.metrics()["held_out"]["after"] == learnt.after


def test_the_figures_of_a_run_are_written_down(project: Path, registry: Registry) -> None:
    learnt = run(project, registry)
    lines = [json.loads(line) for line in (registry.root / "training" / "mine.jsonl").read_text().splitlines()]
    looks = [line for line in lines if "held_out_bits" in line]
    assert lines[0]["note"].startswith("found 12 files")
    assert len(looks) == TrainConfig(epochs=1).evaluations
    assert min(look["held_out_bits"] for look in looks) == pytest.approx(learnt.after, abs=0.2)
    assert (registry.root / "training" / "mine.png").read_bytes().startswith(b"\x89PNG")
    assert all(look["sample"] for look in looks[-3:])
    run(project, registry)
    again = (registry.root / "training" / "mine.jsonl").read_text().splitlines()
    assert json.loads(again[0])["note"] == lines[0]["note"]
    assert sum("found" in line for line in again) == 1


def test_a_run_whose_state_is_not_carried_learns_otherwise_and_goes_on_so_after_an_interruption(
    project: Path, registry: Registry
) -> None:
    windows = replace(options(), carry_state=False)
    whole, streams = (
        run(project, registry, name=name, train_config=config)
        for name, config in (("whole", windows), ("streams", options()))
    )
    assert whole.after != streams.after
    with pytest.raises(KeyboardInterrupt):
        run(project, registry, Notes(interrupt_at=5), name="resumed", train_config=windows)
    assert run(project, registry, name="resumed", train_config=None, resume=True).after == whole.after


def test_a_version_that_is_no_better_is_kept_aside_and_the_old_one_serves(project: Path, registry: Registry) -> None:
    first = run(project, registry, train_config=options(epochs=6))
    notes = Notes()
    second = run(project, registry, notes, train_config=options(epochs=0.2, learning_rate=1e-6))
    assert not second.promoted
    assert second.before == pytest.approx(first.after)
    assert registry.promoted("mine") == first.version
    assert registry.versions("mine") == [first.version, second.version]
    assert any("not promoted" in note for note in notes.notes)


def test_a_version_of_another_name_serves_for_all_only_if_it_predicts_better_than_what_does(
    project: Path, registry: Registry
) -> None:
    first = run(project, registry, serve=True)
    assert (first.promoted, first.serves, registry.current_name()) == (True, False, None)  # the base is better
    registry.use("mine")
    notes = Notes()
    worse = run(project, registry, notes, name="worse", serve=True, train_config=options(epochs=0.5))
    assert (worse.promoted, worse.serves, registry.current_name()) == (True, False, "mine")
    assert any(note.startswith("mine goes on serving") for note in notes.notes)
    assert registry.promoted("worse") == "0001"
    better = run(project, registry, name="better", serve=True, train_config=options(epochs=4))
    assert (better.promoted, better.serves, registry.current_name()) == (True, True, "better")


def test_what_learnt_from_a_folder_is_not_judged_on_files_of_a_folder_within_that_it_learnt_from(
    project: Path, registry: Registry
) -> None:
    learnt = run(project, registry)
    within = corpus.read([project / "inner"])
    _, held_out = within.split(learnt_before=learnt_before(Plan([project], options(), "mine"), registry, "mine"))
    paths = {digest_of(file.path) for file in held_out.files}
    assert registry.find("mine").sources().include(paths) is False
    again = run(project / "inner", registry, train_config=options(epochs=1))
    assert again.version != learnt.version
    assert registry.version("mine", again.version).sources().include(paths) is False


def test_a_network_that_answers_with_numbers_that_are_none_is_kept_aside(project: Path, registry: Registry) -> None:
    far = replace(options(learning_rate=1e30), clip_norm=1e30)
    learnt = run(project, registry, train_config=far, config=replace(SMALL, cell="rnn"))
    assert math.isnan(learnt.after)
    assert not learnt.promoted
    assert registry.promoted("mine") is None


def test_a_run_can_go_on_from_a_model(project: Path, registry: Registry) -> None:
    first = run(project, registry)
    second = run(project, registry, config=None, train_config=adapting())
    assert second.before == pytest.approx(first.after)
    assert second.after < first.after
    assert second.generic is not None
    assert second.generic.loss <= MOST_FORGOTTEN
    assert registry.find("mine").metrics()["started_from"] == "mine"
    with pytest.raises(UserError, match="leave out --cell"):
        run(project, registry, config=Config(d_model=48), train_config=adapting())


def test_what_forgets_too_much_is_kept_aside_with_the_reason(project: Path, registry: Registry, tmp_path: Path) -> None:
    first = run(project, registry, train_config=options(epochs=6))
    strange = tmp_path / "strange"
    strange.mkdir()
    for number in range(4):
        words = random.Random(number).choices(["QUIZ", "JAZZ", "ZWEIG", "XYLO", "WALTZ"], k=600)
        (strange / f"{number}.py").write_text("\n".join(f"{a}; {b}" for a, b in pairwise(words)))
    notes = Notes()
    wild = adapting(epochs=12, rehearsal_lanes=0, learning_rate=0.05)
    second = run(strange, registry, notes, config=None, train_config=wild)
    assert not second.promoted
    assert second.after < second.before
    assert any("it forgot" in note for note in notes.notes)
    assert registry.promoted("mine") == first.version


def test_an_interrupted_adaptation_goes_on_as_if_nothing_had_happened(project: Path, registry: Registry) -> None:
    run(project, registry)
    whole = run(project, registry, name="whole", config=None, train_config=adapting())
    with pytest.raises(KeyboardInterrupt):
        run(project, registry, Notes(interrupt_at=5), name="again", config=None, train_config=adapting())
    resumed = run(project, registry, name="again", config=None, train_config=None, resume=True)
    assert (resumed.after, resumed.generic) == (whole.after, whole.generic)


def test_an_interrupt_saves_the_run_and_resuming_ends_as_if_it_had_not_happened(
    project: Path, registry: Registry
) -> None:
    whole = run(project, registry, name="whole")
    with pytest.raises(KeyboardInterrupt):
        run(project, registry, Notes(interrupt_at=9))
    assert registry.names() == ["whole"]
    resumed = run(project, registry, resume=True)
    assert resumed.after == whole.after
    assert not list((registry.root / "training").glob("*.safetensors"))


def test_an_interrupt_in_the_middle_of_a_step_waits_for_its_end(
    project: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    dropping = replace(options(), dropout=0.2)
    whole = run(project, registry, name="whole", train_config=dropping)
    places = count()

    def clip(*arguments: Any) -> Any:
        if next(places) == 7:
            signal.raise_signal(signal.SIGINT)
        return clip_grad_norm_(*arguments)

    monkeypatch.setattr(nn.utils, "clip_grad_norm_", clip)
    with pytest.raises(KeyboardInterrupt):
        run(project, registry, train_config=dropping)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    notes = Notes()
    assert run(project, registry, notes, train_config=None, resume=True).after == whole.after
    assert notes.steps[0].number == 9


def test_an_interrupt_while_a_run_is_judged_loses_nothing_of_it(
    project: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(project, registry, name="whole")
    notes = Notes()
    with monkeypatch.context() as patched:
        patched.setattr(_Learning, "_kept", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(project, registry, notes)
    assert notes.notes[-1] == "interrupted; go on with --resume"
    assert registry.names() == ["whole"]
    resumed = run(project, registry, Notes(), train_config=None, resume=True)
    assert (resumed.before, resumed.after, resumed.promoted) == (whole.before, whole.after, True)


@pytest.mark.parametrize(("limits", "epochs"), [(None, 2), (options(epochs=1), 1)])
def test_resuming_goes_on_to_the_old_limits_or_to_new_ones(
    project: Path, registry: Registry, limits: TrainConfig | None, epochs: int
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(project, registry, Notes(interrupt_at=3))
    notes = Notes()
    run(project, registry, notes, resume=True, train_config=limits)
    learning, _ = corpus.read([project]).split()
    per_epoch = Batches(learning.files, options().batch_size, options().seq_len, seed=0).steps_per_epoch
    assert notes.steps[-1].number == epochs * per_epoch


def test_resuming_after_the_files_changed_says_so_and_goes_on(project: Path, registry: Registry) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(project, registry, Notes(interrupt_at=5))
    (project / "new.py").write_text("value = 1\n" * 200)
    notes = Notes()
    assert run(project, registry, notes, resume=True).promoted
    assert any("have changed" in note for note in notes.notes)
    assert notes.steps[0].number == 6


def test_resuming_a_run_as_one_of_another_shape_is_refused(project: Path, registry: Registry) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(project, registry, Notes(interrupt_at=3))
    with pytest.raises(UserError, match="the interrupted run is 1 x 24 lstm; leave out --cell"):
        run(project, registry, resume=True, config=replace(SMALL, cell="gru"))
    assert run(project, registry, resume=True).promoted


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"seed": 3}, "the interrupted run has seed 0; leave out --seed"),
        ({"start_from": "base"}, "the interrupted run began from scratch; leave out --from"),
    ],
)
def test_resuming_a_run_as_one_that_began_otherwise_is_refused(
    project: Path, registry: Registry, said: dict[str, Any], reason: str
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(project, registry, Notes(interrupt_at=3))
    with pytest.raises(UserError, match=reason):
        run(project, registry, resume=True, **said)
    assert run(project, registry, resume=True, seed=0, start_from="scratch").promoted


def run_words(project: Path, registry: Registry, notes: Notes | None = None, **plan: object) -> Learnt:
    return run(project, registry, notes, **{"name": "words", "unit": "word", **plan})


def test_a_network_of_words_is_promoted_with_the_vocabulary_of_what_it_learnt(
    project: Path, registry: Registry
) -> None:
    notes = Notes()
    learnt = run_words(project, registry, notes)
    assert learnt.promoted
    found = registry.find("words")
    assert b"return" in found.vocabulary().pieces
    assert found.config == replace(SMALL, vocab_size=found.vocabulary().size)
    held_out = corpus.read([project]).split()[1]
    assert bits_per_byte(found.engine(), held_out.files) == pytest.approx(learnt.after)
    assert any("words have a token" in note for note in notes.notes)
    last = [step.held_out_bits for step in notes.steps if step.held_out_bits is not None][-1]
    assert learnt.after < last < learnt.after + 1.0  # what cannot come costs in training, and nothing in the engine


def test_an_interrupted_run_of_words_goes_on_as_if_nothing_had_happened(project: Path, registry: Registry) -> None:
    whole = run_words(project, registry, name="whole")
    with pytest.raises(KeyboardInterrupt):
        run_words(project, registry, Notes(interrupt_at=5))
    with pytest.raises(UserError, match="the interrupted run learns words"):
        run_words(project, registry, resume=True, unit="byte")
    resumed = run(project, registry, resume=True, config=None, train_config=None, name="words")
    assert resumed.after == whole.after
    assert registry.find("words").vocabulary() == registry.find("whole").vocabulary()


def test_a_network_of_words_can_be_gone_on_from_and_keeps_its_vocabulary(project: Path, registry: Registry) -> None:
    first = run_words(project, registry)
    vocabulary = registry.find("words").vocabulary()
    (project / "new.py").write_text("entirely = other(words, than, these)\n" * 30)
    adapted = run(project, registry, name="words", config=None, train_config=replace(adapting(), start_from="words"))
    assert adapted.generic is not None
    assert adapted.version != first.version
    assert registry.version("words", adapted.version).vocabulary() == vocabulary


def test_text_without_frequent_words_is_refused_as_words(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "few").mkdir()
    for name in ("a", "b"):
        (tmp_path / "few" / name).write_text(f"hardly any words in {name}\n")
    with pytest.raises(UserError, match="no word is frequent"):
        run_words(tmp_path / "few", registry)


def test_resuming_what_was_never_interrupted_is_refused(project: Path, registry: Registry) -> None:
    with pytest.raises(UserError, match="no interrupted run"):
        run(project, registry, resume=True)


def test_a_kill_in_the_middle_leaves_the_old_model_serving_and_the_next_run_unharmed(
    project: Path, registry: Registry
) -> None:
    first = run(project, registry)
    program = (
        "import sys; from foretype.training import learn; learn._SAVE_SECONDS = 0.0\n"
        "from foretype.server.cli import main\n"
        f"main(['train', {str(project)!r}, '--name', 'mine', '--minutes', '5', '--hidden', '16'])\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
    saved = registry.root / "training" / "mine.safetensors"
    while not saved.exists():
        assert process.poll() is None
    process.kill()
    process.wait()
    assert registry.promoted("mine") == first.version
    assert registry.find("mine") is not None
    assert registry.versions("mine") == [first.version]
    resumed, _, _ = snapshot.load(saved)
    notes = Notes(interrupt_at=resumed.step + 2)
    with pytest.raises(KeyboardInterrupt):
        run(project, registry, notes, resume=True, config=None)
    assert [step.number for step in notes.steps] == [resumed.step + 1, resumed.step + 2]


def test_the_shape_suits_the_time_and_the_amount_of_text() -> None:
    short, why = suitable_config(minutes=2, nbytes=500_000)
    long, _ = suitable_config(minutes=60, nbytes=50_000_000)
    assert short.n_layer * short.d_model**2 < long.n_layer * long.d_model**2
    assert "0.5 MB, 2 minutes" in why
