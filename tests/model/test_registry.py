"""The registry: which model serves, and what is said when none can."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import TINY, random_weights

from foretype.model.errors import CheckpointError, UserError
from foretype.model.export import export
from foretype.model.forgetting import forget
from foretype.model.registry import Registry


def save_version(registry: Registry, name: str) -> str:
    weights = random_weights(TINY)
    return registry.add(name, TINY, weights, export(TINY, weights), {})


def test_before_anything_was_trained_the_base_model_serves(registry: Registry) -> None:
    assert registry.find().folder.name == "base"
    assert registry.find("base") == registry.find()
    assert registry.names() == []


def test_the_base_model_is_whole_and_small_enough_to_ship(registry: Registry) -> None:
    found = registry.find("base")
    assert {name: value.dtype for name, value in found.weights().items()}["head.weight"] == np.float32
    assert found.engine().config == found.config
    assert sum(file.stat().st_size for file in found.folder.iterdir()) < 12_000_000


def test_no_other_model_can_be_called_base(registry: Registry) -> None:
    with pytest.raises(UserError, match="came with the package"):
        save_version(registry, "base")


def test_a_promoted_version_serves_under_its_name_and_once_used_for_all(registry: Registry) -> None:
    version = save_version(registry, "mine")
    registry.promote("mine", version)
    assert registry.find().folder.name == "base"
    registry.use("mine")
    found = registry.find()
    assert found.folder == registry.root / "models" / "mine" / version
    assert registry.find("mine") == found
    assert registry.find(str(found.folder)) == found


def test_versions_are_numbered_and_only_the_promoted_one_serves(registry: Registry) -> None:
    versions = [save_version(registry, "mine") for _ in range(3)]
    assert versions == ["0001", "0002", "0003"]
    registry.promote("mine", "0002")
    found = registry.find("mine")
    assert found.folder.name == "0002"
    assert registry.versions("mine") == versions


def test_versions_that_are_added_at_once_all_get_a_number_of_their_own(registry: Registry) -> None:
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda _: save_version(registry, "mine"), range(8)))
    assert sorted(added) == registry.versions("mine") == [f"{number:04d}" for number in range(1, 9)]


@pytest.mark.skipif(os.name == "nt", reason="folders are not flushed on Windows")
def test_a_version_that_a_failing_disk_has_taken_is_not_written_again_and_again(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            assert len(registry.versions("mine")) < 3, "it goes on for ever"
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        save_version(registry, "mine")
    assert registry.versions("mine") == ["0001"]


def test_a_damaged_version_cannot_be_promoted(registry: Registry) -> None:
    version = save_version(registry, "mine")
    registry.promote("mine", version)
    broken = save_version(registry, "mine")
    (registry.root / "models" / "mine" / broken / "network.onnx").write_bytes(b"")
    with pytest.raises(CheckpointError):
        registry.promote("mine", broken)
    assert registry.promoted("mine") == version


def test_what_a_model_reads_is_that_of_the_version_that_serves_and_unknown_where_it_is_damaged(
    registry: Registry,
) -> None:
    assert registry.unit("mine") is None
    registry.promote("mine", save_version(registry, "mine"))
    assert registry.unit("mine") == "byte"
    (registry.root / "models" / "mine" / "0001" / "network.onnx").write_bytes(b"")
    assert registry.unit("mine") is None


def test_a_name_nobody_trained_is_refused_with_the_names_there_are(tiny_registry: Registry) -> None:
    with pytest.raises(UserError, match="no model named 'other'; known: base, tiny"):
        tiny_registry.find("other")


@pytest.mark.parametrize("name", ["current", "Current", "con", "NUL", "aux.v2", "com1", "mine."])
def test_a_name_that_is_no_folder_on_every_system_is_refused(tiny_registry: Registry, name: str) -> None:
    with pytest.raises(UserError, match="no name that a system has taken"):
        tiny_registry.versions(name)
    with suppress(FileExistsError):  # the file `current`
        (tiny_registry.root / "models" / name).mkdir()
    assert tiny_registry.names() == ["tiny"]


@pytest.mark.parametrize("name", ["..", ".hidden", "a b", "", "x" * 65, "con\n"])
def test_a_name_that_could_leave_the_folder_is_refused(registry: Registry, name: str) -> None:
    with pytest.raises(UserError):
        registry.promote(name, "0001")


def test_learning_never_goes_to_the_base_which_is_not_changed_or_removed(registry: Registry) -> None:
    assert registry.trained_name() == "default"
    registry.use("base")
    assert registry.trained_name() == "default"
    registry.promote("mine", save_version(registry, "mine"))
    registry.use("mine")
    assert registry.trained_name() == "mine"
    for change in (registry.roll_back, registry.remove, registry.sweep):
        with pytest.raises(UserError, match="came with the package"):
            change("base")


def test_a_path_that_is_no_model_is_refused(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="not a Foretype model"):
        registry.find(str(tmp_path / "nowhere"))


def test_rolling_back_serves_the_version_before_and_refuses_where_there_is_none(registry: Registry) -> None:
    for _ in range(3):
        save_version(registry, "mine")
    registry.promote("mine", "0003")
    assert registry.roll_back("mine") == "0002"
    assert registry.find("mine").folder.name == "0002"
    assert registry.roll_back("mine") == "0001"
    with pytest.raises(UserError, match="no version before 0001"):
        registry.roll_back("mine")
    with pytest.raises(UserError, match="no model named 'other'"):
        registry.roll_back("other")


def test_a_version_that_serves_is_removed_only_with_its_whole_name(registry: Registry) -> None:
    for _ in range(2):
        save_version(registry, "mine")
    registry.promote("mine", "0002")
    registry.use("mine")
    with pytest.raises(UserError, match="roll back first"):
        registry.remove("mine", "0002")
    with pytest.raises(UserError, match="no version '0009'"):
        registry.remove("mine", "0009")
    registry.remove("mine", "0001")
    assert registry.versions("mine") == ["0002"]
    registry.remove("mine")
    assert registry.names() == []
    assert registry.find().folder.name == "base"
    with pytest.raises(UserError, match="no model named 'mine'"):
        registry.remove("mine")


def test_a_name_whose_removal_was_cut_off_is_gone_and_can_be_given_again(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.promote("mine", [save_version(registry, "mine") for _ in range(2)][-1])

    def cut_off(folder: Path, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            shutil.move(folder / "0002", registry.root)
            raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(shutil, "rmtree", cut_off)
        with pytest.raises(KeyboardInterrupt):
            registry.remove("mine")
    assert registry.names() == []
    assert registry.promoted("mine") is None
    assert save_version(registry, "mine") == "0001"
    forget([], registry)
    assert [path.name for path in (registry.root / "models").iterdir()] == ["mine"]


def test_a_name_without_a_version_that_serves_leaves_its_work_to_the_base(tiny_registry: Registry) -> None:
    tiny_registry.demote("tiny")
    assert tiny_registry.promoted("tiny") is None
    assert tiny_registry.versions("tiny") == ["0001"]
    assert tiny_registry.find().folder.name == "base"
    tiny_registry.remove("tiny", "0001")
    assert tiny_registry.names() == []
    assert list((tiny_registry.root / "models/tiny").iterdir()) == []
