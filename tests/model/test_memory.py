"""A project's memory: whatever is added, changed and removed, it answers as one built at once from what is there."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from foretype.model import memory, mixture, segment
from foretype.model.errors import CheckpointError
from foretype.model.memory import Memory
from foretype.model.predictor import Predictor

KEYS = st.sampled_from(["a.py", "b.py", "src/c.py", "src/é.py"])
TEXTS = st.lists(st.sampled_from(["def f(x):\n", "    return x\n", "x = 1\n", "# é\n"]), min_size=1, max_size=7).map(
    lambda lines: "".join(lines).encode()
)
"""So short that all places of a structure are looked at; of more than that, which ones depends on their order."""
TYPED = b"def f(x):\n    return x\nx = 1\n"
ROUNDING = 2e-6


def stamps(files: dict[str, bytes]) -> dict[str, memory.Stamp]:
    return {key: (len(text), 0) for key, text in files.items()}


def answers(found: Memory, silent: tuple[str, ...] = ()) -> np.ndarray:
    predictor = Predictor(mixture.shipped(), found.without(silent))
    return predictor.read(predictor.start(b"", at_start=True), TYPED, None)


class Changing(RuleBasedStateMachine):
    """Change a project's files in every way."""

    def __init__(self) -> None:
        super().__init__()
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = Path(self.scratch.name) / "memory"
        self.files: dict[str, bytes] = {}
        self.found = Memory()
        self.opened = Memory()

    def teardown(self) -> None:
        self.scratch.cleanup()

    @rule(texts=st.dictionaries(KEYS, TEXTS, max_size=3))
    def add_or_change(self, texts: dict[str, bytes]) -> None:
        self.files |= texts
        self.found = memory.update(self.folder, self.folder, texts, stamps(self.files))

    @rule(key=KEYS)
    def remove(self, key: str) -> None:
        self.files.pop(key, None)
        self.found = memory.update(self.folder, self.folder, {}, stamps(self.files))

    @rule()
    def reopen(self) -> None:
        self.found = memory.load(self.folder) or Memory()

    @invariant()
    def it_holds_what_is_there(self) -> None:
        held = {key: text for part in self.found.parts for key, text in part.texts()}
        assert held == self.files
        assert self.found.nbytes == sum(map(len, self.files.values()))
        assert dict(self.found.stamps) == stamps(self.files)

    @invariant()
    def it_answers_as_if_built_at_once(self) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            fresh = memory.update(Path(scratch) / "fresh", self.folder, self.files, stamps(self.files))
            np.testing.assert_allclose(answers(self.found), answers(fresh), atol=ROUNDING)

    @invariant()
    def it_answers_the_same_with_what_was_open_before(self) -> None:
        self.opened = self.found.sharing(self.opened)
        for silent in ((), ("a.py",)):
            np.testing.assert_array_equal(answers(self.opened, silent), answers(self.found, silent))

    @invariant()
    def no_segment_is_left_behind(self) -> None:
        there = {path.name for path in self.folder.glob("*/")} if self.folder.exists() else set()
        assert there == {part.name for part in self.found.parts}


TestChanging = Changing.TestCase
TestChanging.settings = settings(max_examples=12, stateful_step_count=8, deadline=None)


def test_many_small_changes_do_not_pile_up_segments(tmp_path: Path) -> None:
    files = {f"{number}.py": b"x = 1\n" * 50 for number in range(30)}
    for number in range(60):
        files["typed.py"] = b"y = 2\n" * (number + 1)
        found = memory.update(tmp_path / "m", tmp_path, files, stamps(files))
        assert len(found.parts) <= 8
    assert found.digests().keys() == files.keys()


def test_a_change_of_one_file_never_rewrites_a_memory_of_many_full_segments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment, "MAX_BYTES", 4000)
    files = {f"{number}.py": b"x = 1\n" * 50 for number in range(240)}
    before = memory.update(tmp_path / "m", tmp_path, files, stamps(files))
    assert len(before.parts) > 16
    for number in range(20):
        files["7.py"] = b"y = 2\n" * (number + 1)
        found = memory.update(tmp_path / "m", tmp_path, {"7.py": files["7.py"]}, stamps(files))
        written = {part.name for part in found.parts} - {part.name for part in before.parts}
        assert len(written) <= 2
        assert len(found.parts) <= len(before.parts) + 5
        before = found
    assert found.digests().keys() == files.keys()


def test_an_open_memory_goes_on_answering_while_it_is_replaced(tmp_path: Path) -> None:
    first = memory.update(tmp_path / "m", tmp_path, {"a.py": TYPED}, {"a.py": (1, 1)})
    before = answers(first)
    memory.update(tmp_path / "m", tmp_path, {"a.py": b"something else\n"}, {"a.py": (2, 2)})
    np.testing.assert_array_equal(answers(first), before)


def test_a_file_can_be_silent_for_one_document(tmp_path: Path) -> None:
    files = {"a.py": TYPED, "b.py": b"unrelated = 3\n"}
    both = memory.update(tmp_path / "m", tmp_path, files, stamps(files))
    alone = memory.update(tmp_path / "n", tmp_path, {"b.py": files["b.py"]}, {"b.py": (1, 1)})
    np.testing.assert_allclose(answers(both, ("a.py",)), answers(alone), atol=ROUNDING)


def test_a_damaged_memory_is_refused_and_built_anew(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    memory.update(folder, tmp_path, {"a.py": TYPED}, {"a.py": (1, 1)})
    manifest = folder / "memory.json"
    about = json.loads(manifest.read_text())
    for damaged in (
        "{",
        "[]",
        json.dumps({**about, "format": 99}),
        json.dumps({**about, "segments": [{"name": "../elsewhere", "gone": []}]}),
        json.dumps({**about, "segments": [{"name": "0" * 32, "gone": []}]}),
    ):
        manifest.write_text(damaged)
        with pytest.raises(CheckpointError):
            memory.load(folder)
        found = memory.update(folder, tmp_path, {"a.py": TYPED}, {"a.py": (1, 1)})
        assert found.digests().keys() == {"a.py"}


def test_there_is_none_where_none_was_built(tmp_path: Path) -> None:
    assert memory.load(tmp_path) is None


def test_the_memories_of_other_projects_leave_out_whatever_shares_a_folder_with_this_one(tmp_path: Path) -> None:
    memories = tmp_path / "memories"
    texts = {"a.py": b"x = 1\n"}
    for project in ("this", "this/inner", "other", "third"):
        folder = tmp_path / project
        folder.mkdir(parents=True)
        files = texts | {f"{folder.name}.py": b"y\n"}
        memory.update(memory.folder_of(memories, folder), folder, files, stamps(files))
    (memory.folder_of(memories, tmp_path / "third") / "memory.json").write_text("{}")

    def names(project: str) -> list[str]:
        return [next(iter(found.digests().keys() - texts)) for found in memory.others(memories, tmp_path / project)]

    assert names("this/inner") == names("this") == ["other.py"]
    assert sorted(names("other")) == ["inner.py", "this.py"]
    assert memory.others(tmp_path / "nowhere", tmp_path) == []
