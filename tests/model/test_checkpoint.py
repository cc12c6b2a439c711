"""Models on disk: what is saved comes back, what is damaged is refused in one line."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import TINY, WORDS, random_weights, word_engine

from foretype.model import atomic, checkpoint
from foretype.model.checkpoint import Checkpoint
from foretype.model.errors import CheckpointError
from foretype.model.export import export
from foretype.model.vocabulary import BYTES


def test_what_was_saved_comes_back(tiny_checkpoint: Checkpoint) -> None:
    found = checkpoint.load(tiny_checkpoint.folder)
    assert found.config == TINY
    assert found.metrics() == {"note": "random"}
    for name, weight in random_weights(TINY).items():
        np.testing.assert_array_equal(found.weights()[name], weight)
    assert found.engine().step([65], found.engine().zero_state())[0].shape == (1, 256)


@pytest.fixture
def tiny_words(tmp_path: Path) -> Checkpoint:
    config = word_engine().config
    weights = random_weights(config)
    return checkpoint.save(tmp_path / "words", config, weights, export(config, weights), {}, vocabulary=WORDS)


def test_a_network_of_words_comes_back_with_its_vocabulary(tiny_words: Checkpoint, tiny_checkpoint: Checkpoint) -> None:
    found = checkpoint.load(tiny_words.folder)
    assert found.vocabulary() == WORDS
    logits, _ = found.engine().read(b"the", found.engine().zero_state())
    assert logits.shape == (256,)
    assert checkpoint.load(tiny_checkpoint.folder).vocabulary() == BYTES
    assert not (tiny_checkpoint.folder / "vocabulary.json").exists()


@pytest.mark.parametrize("damage", ["truncated", "missing", "garbage", "nested"])
def test_a_damaged_vocabulary_is_refused(tiny_words: Checkpoint, damage: str) -> None:
    path = tiny_words.folder / "vocabulary.json"
    content = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes({"garbage": b"#" * len(content), "truncated": content[:-1], "nested": b"[" * 100_000}[damage])
    with pytest.raises(CheckpointError, match=r"vocabulary\.json is damaged"):
        tiny_words.engine()


def test_an_existing_version_is_never_written_over(tiny_checkpoint: Checkpoint) -> None:
    before = (tiny_checkpoint.folder / "config.json").read_bytes()
    with pytest.raises(OSError, match=r"."):
        checkpoint.save(tiny_checkpoint.folder, TINY, {}, b"", {})
    assert (tiny_checkpoint.folder / "config.json").read_bytes() == before
    assert [path.name for path in tiny_checkpoint.folder.parent.iterdir()] == ["tiny"]


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"has no config\.json"):
        checkpoint.load(tmp_path)


@pytest.mark.parametrize("name", ["network.onnx", "weights.safetensors", "metrics.json"])
@pytest.mark.parametrize("damage", ["truncated", "missing"])
def test_a_truncated_or_missing_file_is_refused(tiny_checkpoint: Checkpoint, name: str, damage: str) -> None:
    path = tiny_checkpoint.folder / name
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match=name) as refusal:
        checkpoint.load(tiny_checkpoint.folder)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"{}", b'{"format": 99}', b'{"format": 1}', b'{"format": 1, "config": 3}'],
)
def test_a_foreign_or_damaged_description_is_refused(tiny_checkpoint: Checkpoint, content: bytes) -> None:
    (tiny_checkpoint.folder / "config.json").write_bytes(content)
    with pytest.raises(CheckpointError):
        checkpoint.load(tiny_checkpoint.folder)


def test_weights_that_are_garbage_of_the_right_size_are_refused(tiny_checkpoint: Checkpoint) -> None:
    path = tiny_checkpoint.folder / "weights.safetensors"
    path.write_bytes(b"\xff" * path.stat().st_size)
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoint.load(tiny_checkpoint.folder).weights()


def test_a_graph_that_is_garbage_of_the_right_size_is_refused(tiny_checkpoint: Checkpoint) -> None:
    path = tiny_checkpoint.folder / "network.onnx"
    path.write_bytes(b"\xff" * path.stat().st_size)
    with pytest.raises(CheckpointError, match="not a graph"):
        checkpoint.load(tiny_checkpoint.folder).engine()


def test_a_graph_that_is_empty_or_gone_by_the_time_it_is_needed_is_refused_in_one_line(
    tiny_checkpoint: Checkpoint,
) -> None:
    description, graph = tiny_checkpoint.folder / "config.json", tiny_checkpoint.folder / "network.onnx"
    about = json.loads(description.read_text())
    about["files"]["network.onnx"] = 0
    description.write_text(json.dumps(about))
    graph.write_bytes(b"")
    found = checkpoint.load(tiny_checkpoint.folder)
    with pytest.raises(CheckpointError, match="cannot be read"):
        found.engine()
    graph.unlink()
    with pytest.raises(CheckpointError, match="cannot be read"):
        found.engine()


def test_a_description_that_does_not_fit_the_graph_is_refused(tiny_checkpoint: Checkpoint) -> None:
    path = tiny_checkpoint.folder / "config.json"
    about = json.loads(path.read_text())
    about["config"]["d_model"] = 32
    path.write_text(json.dumps(about))
    with pytest.raises(CheckpointError, match="does not fit"):
        checkpoint.load(tiny_checkpoint.folder).engine()


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "word"
    atomic.write_file(path, b"old")
    with pytest.raises(TypeError):
        atomic.write_file(path, "new")  # type: ignore[arg-type]  # fails after the file beside was made
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_folder_is_not_there_at_all(tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        (folder / "half").write_text("half")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"), atomic.new_folder(tmp_path / "version") as folder:
        fill(folder)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="folders are not flushed on Windows")
def test_on_a_disk_that_cannot_flush_folders_files_and_folders_are_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = os.fsync

    def refusing(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", refusing)
    atomic.write_file(tmp_path / "word", b"new")
    with atomic.new_folder(tmp_path / "version") as folder:
        (folder / "whole").write_text("whole")
    assert (tmp_path / "word").read_bytes() == b"new"
    assert (tmp_path / "version/whole").read_text() == "whole"
