"""Forgetting: not a byte is left on the disk, other files answer as before, and every model that learnt is named."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import TINY, random_weights

from foretype.model import forgetting, forgotten, indexing, memory, mixture, sources
from foretype.model.export import export
from foretype.model.forgetting import UNFINISHED, Mark
from foretype.model.memory import Memory
from foretype.model.predictor import Predictor
from foretype.model.registry import Registry, memories_dir
from foretype.model.score import score_mixed
from foretype.model.sources import Sources

MARKER = "zanzibar_marker_7351"
SECRET = f"{MARKER} = compute({MARKER!r}, limit=12)\n" * 3
OTHERS = {f"module_{number}.py": f"def work_{number}(value):\n    return value + {number}\n" * 4 for number in range(5)}


@pytest.fixture
def project(tmp_path: Path, registry: Registry) -> Path:  # noqa: ARG001  # where the memories go
    folder = tmp_path / "project"
    (folder / "inner").mkdir(parents=True)
    for name, text in OTHERS.items():
        (folder / name).write_text(text)
    return folder


def remember(project: Path) -> Memory:
    return indexing.refresh(memory.folder_of(memories_dir(), project), project).memory


def bits(found: Memory, text: str = SECRET) -> float:
    predictor = Predictor(mixture.shipped(), found.without())
    return score_mixed(None, predictor, b"", text.encode(), document=True)


def on_disk(root: Path, text: str = MARKER) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def add_version(registry: Registry, learnt_from: Sources | None, name: str = "mine", gain: float = 1.0) -> str:
    weights = random_weights(TINY)
    metrics = {"held_out": {"before": 3.0, "after": 3.0 - gain}}
    return registry.add(name, TINY, weights, export(TINY, weights), metrics, learnt_from)


def learnt(*paths: Path) -> Sources:
    return Sources.of(((path, path.read_bytes()) for path in paths), [paths[0].parent])


def test_a_text_costs_after_forgetting_what_it_cost_before_it_was_known(project: Path, registry: Registry) -> None:
    before = bits(remember(project))
    file = project / "module_2_secret.py"
    file.write_text(SECRET)
    assert bits(remember(project)) < before / 2
    [trace] = forgetting.forget([file], registry)
    assert (trace.path, trace.files, trace.memories) == (file, 1, 1)
    assert bits(remember(project)) == before


def test_nothing_of_it_is_left_on_the_disk_and_it_does_not_come_back(project: Path, registry: Registry) -> None:
    file = project / "inner" / "secret.py"
    file.write_text(SECRET)
    remember(project)
    remember(project / "inner")
    assert len(on_disk(registry.root)) >= 2
    [trace] = forgetting.forget([file], registry)
    assert trace.memories == 2
    assert on_disk(registry.root) == []
    file.write_text(SECRET * 2)
    remember(project)
    indexing.refresh_file(memory.folder_of(memories_dir(), project), project, file)
    assert on_disk(registry.root) == []
    assert remember(project).digests().keys() == OTHERS.keys()
    forgotten.remove(registry.root, file)
    assert "inner/secret.py" in remember(project).digests()


def test_earlier_texts_of_a_file_and_texts_of_moved_ones_go_as_well(project: Path, registry: Registry) -> None:
    (project / "big.py").write_text("".join(f"value_{number} = {number}\n" for number in range(4000)))
    (project / "first.py").write_text(f"{MARKER}_first = 1\n" * 3)
    remember(project)
    (project / "first.py").rename(project / "second.py")
    (project / "second.py").write_text(f"{MARKER}_second = 2\n" * 3)
    held = remember(project)
    assert any(part.gone for part in held.parts)
    forgetting.forget([project / "second.py"], registry)
    assert on_disk(registry.root) == []
    assert "big.py" in remember(project).digests()


def test_a_file_that_is_deleted_can_still_be_forgotten(project: Path, registry: Registry) -> None:
    file = project / "gone.py"
    file.write_text(SECRET)
    remember(project)
    file.unlink()
    [trace] = forgetting.forget([file], registry)
    assert trace.files == 1
    assert on_disk(registry.root) == []


def test_a_folder_is_forgotten_with_all_that_lies_in_it(project: Path, registry: Registry) -> None:
    (project / "inner/secret.py").write_text(SECRET)
    remember(project)
    remember(project / "inner")
    shutil.rmtree(project / "inner")
    [trace] = forgetting.forget([project / "inner"], registry)
    assert trace.files == 1
    assert on_disk(registry.root) == []
    forgetting.forget([project], registry)
    assert on_disk(registry.root, "work_1") == []
    assert remember(project).digests() == {}


def test_what_was_never_known_is_put_on_the_list_all_the_same(project: Path, registry: Registry) -> None:
    remember(project)
    [trace] = forgetting.forget([project / "never.py"], registry)
    assert (trace.files, trace.memories, trace.copies) == (0, 0, ())
    assert forgotten.load(registry.root).holds(project / "never.py")


def test_other_files_with_the_same_text_stay_and_are_named(project: Path, registry: Registry) -> None:
    for name in ("secret.py", "copy.py"):
        (project / name).write_text(SECRET)
    remember(project)
    [trace] = forgetting.forget([project / "secret.py"], registry)
    assert trace.copies == (project / "copy.py",)
    assert "copy.py" in remember(project).digests()


def test_a_memory_that_was_being_read_while_its_file_was_forgotten_is_cleared_the_next_time(
    project: Path, registry: Registry
) -> None:
    file = project / "secret.py"
    file.write_text(SECRET)
    remember(project)
    forgotten.add(registry.root, {file: frozenset()})
    assert "secret.py" not in remember(project).digests()
    assert on_disk(registry.root) == []


def test_a_memory_that_is_damaged_is_taken_away(project: Path, registry: Registry) -> None:
    (project / "secret.py").write_text(SECRET)
    remember(project)
    folder = memory.folder_of(memories_dir(), project)
    (folder / "memory.json").write_text("{")
    forgetting.forget([project / "secret.py"], registry)
    assert on_disk(registry.root) == []
    assert remember(project).digests().keys() == OTHERS.keys()


KILLED = """
import os, sys
from pathlib import Path
from foretype.model import forgetting
from foretype.model.registry import Registry
registry, left = Registry.default(), int(sys.argv[2])
def count(event, arguments):
    global left
    if event in CHANGES and str(registry.root) in str(arguments[0]):
        left -= 1
        if left < 0:
            os._exit(9)
CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "open")
sys.addaudithook(count)
forgetting.forget([Path(sys.argv[1])], registry)
os._exit(0)
"""


def test_a_kill_at_any_moment_leaves_the_old_memory_or_the_new_one(project: Path, registry: Registry) -> None:
    file = project / "secret.py"
    file.write_text(SECRET)
    folder = memory.folder_of(memories_dir(), project)
    seen = set()
    code, moment = 9, 0
    while code == 9:
        forgotten.remove(registry.root, file)
        remember(project)
        code = subprocess.run([sys.executable, "-c", KILLED, str(file), str(moment)], check=False).returncode
        found = memory.load(folder)
        assert found is not None
        assert found.digests().keys() in ({*OTHERS, "secret.py"}, set(OTHERS))
        seen.add((code, len(found.digests())))
        forgetting.forget([file], registry)
        assert on_disk(registry.root) == []
        assert {path.name for path in folder.iterdir() if path.name.startswith(".")} == {".lock"}
        moment += 3  # few moments lie between the new memory and the end, so no larger steps
    assert seen == {(9, len(OTHERS) + 1), (9, len(OTHERS)), (0, len(OTHERS))}


def marks(registry: Registry) -> list[Mark]:
    return forgetting.marks(registry, forgotten.load(registry.root))


def names(found: Sequence[Mark]) -> dict[str, bool | None]:
    return {mark.version: mark.learnt for mark in found}


def test_every_version_that_learnt_from_it_is_marked_until_it_may_be_learnt_again(
    project: Path, registry: Registry
) -> None:
    (project / "inner/a.py").write_text(SECRET)
    add_version(registry, learnt(project / "module_1.py"))
    add_version(registry, learnt(project / "module_1.py", project / "inner/a.py"))
    add_version(registry, None)
    assert names(marks(registry)) == {"0001": False, "0002": False, "0003": False}
    forgetting.forget([project / "inner"], registry)
    assert names(marks(registry)) == {"0001": False, "0002": True, "0003": None}
    forgotten.remove(registry.root, project / "inner")
    assert names(marks(registry)) == {"0001": False, "0002": False, "0003": False}


def test_a_text_that_was_moved_since_marks_what_learnt_it_and_a_copy_does_not(
    project: Path, registry: Registry
) -> None:
    old = project / "old_name.py"
    old.write_text(SECRET)
    add_version(registry, learnt(old))
    add_version(registry, learnt(project / "module_1.py"))
    old.rename(project / "new_name.py")
    (project / "module_1_copy.py").write_text(OTHERS["module_1.py"])
    remember(project)
    forgetting.forget([project / "new_name.py", project / "module_1_copy.py"], registry)
    assert names(marks(registry)) == {"0001": True, "0002": False}


def test_a_file_that_was_moved_is_forgotten_although_its_memory_does_not_know_that_yet(
    project: Path, registry: Registry
) -> None:
    old = project / "old_name.py"
    old.write_text(SECRET)
    remember(project)
    add_version(registry, learnt(old))
    old.rename(project / "new_name.py")
    [trace] = forgetting.forget([project / "new_name.py"], registry)
    assert (trace.files, trace.copies) == (1, ())
    assert names(marks(registry)) == {"0001": True}
    assert on_disk(registry.root) == []
    assert {"old_name.py", "new_name.py"}.isdisjoint(remember(project).digests())


def test_a_run_that_was_interrupted_is_marked_and_dropped_too(project: Path, registry: Registry) -> None:
    training = registry.root / "training"
    training.mkdir(parents=True)
    (training / "mine.safetensors").write_bytes(b"weights")
    forgetting.forget([project / "module_1.py"], registry)
    assert marks(registry) == [Mark("mine", UNFINISHED, None)]
    (training / "mine.jsonl").write_text(MARKER)
    (training / "other.jsonl").write_text("figures")
    forgetting.unfinished_sources(registry, "mine").write_bytes(learnt(project / "module_1.py").to_json())
    assert marks(registry) == [Mark("mine", UNFINISHED, True)]
    forgetting.forget([project / "module_1.py"], registry)
    assert on_disk(registry.root) == []
    assert forgetting.drop("mine", [UNFINISHED], registry) is None
    assert [path.name for path in training.iterdir()] == ["other.jsonl"]


def test_after_a_drop_the_newest_clean_version_that_was_better_serves(project: Path, registry: Registry) -> None:
    clean, dirty = learnt(project / "module_1.py"), learnt(project / "module_2.py")
    for learnt_from, gain in ((clean, 1), (clean, 1), (clean, -1), (None, 1), (dirty, 1)):
        registry.promote("mine", add_version(registry, learnt_from, gain=gain))
    registry.use("mine")
    forgetting.forget([project / "module_2.py"], registry)
    assert forgetting.drop("mine", ["0005"], registry) == "0002"
    assert registry.versions("mine") == ["0001", "0002", "0003", "0004"]
    assert registry.find().folder.name == "0002"


def test_without_a_clean_version_the_base_serves(project: Path, registry: Registry) -> None:
    dirty = learnt(project / "module_2.py")
    registry.promote("mine", add_version(registry, dirty))
    registry.use("mine")
    registry.promote("other", add_version(registry, dirty, "other"))
    add_version(registry, None, "other")
    forgetting.forget([project / "module_2.py"], registry)
    assert forgetting.drop("mine", ["0001"], registry) is None
    assert registry.names() == ["other"]
    assert registry.find().folder.name == "base"
    assert forgetting.drop("other", ["0001"], registry) is None
    assert registry.versions("other") == ["0002"]
    assert registry.promoted("other") is None


def test_a_version_keeps_the_record_of_what_it_learnt_from_and_still_loads_without(
    project: Path, registry: Registry
) -> None:
    said = learnt(project / "module_1.py")
    assert registry.version("mine", add_version(registry, said)).sources() == said
    assert registry.version("mine", add_version(registry, None)).sources() == Sources()
    config = json.loads((registry.root / "models/mine/0001/config.json").read_text())
    assert "sources.json" in config["files"]


def test_the_mask_of_what_is_left_is_that_of_a_memory_built_without_it(project: Path, registry: Registry) -> None:
    remember(project)
    (project / "secret.py").write_text(SECRET)
    remember(project)
    forgetting.forget([project / "secret.py"], registry)
    left = remember(project)
    fresh = memory.update(
        registry.root.parent / "fresh", project, {k: v.encode() for k, v in OTHERS.items()}, left.stamps
    )
    assert left.nbytes == fresh.nbytes
    answers = [Predictor(mixture.shipped(), found.without()) for found in (left, fresh)]
    typed = b"def work_3(value):\n"
    one, two = (found.read(found.start(b"", at_start=True), typed, None) for found in answers)
    np.testing.assert_allclose(one, two, atol=2e-6)


def test_paths_are_known_by_where_links_lead(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert sources.absolute(tmp_path / "link/never.py") == tmp_path / "real/never.py"
