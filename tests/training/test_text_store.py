"""A text store: what was appended comes back from memory and from disk alike, and nothing is left behind."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretype.model.registry import DATA_DIR_VARIABLE
from foretype.training import corpus, text_store
from foretype.training.batches import Batches
from foretype.training.text_store import TextStore


@given(texts=st.lists(st.binary(max_size=40)), in_memory=st.sampled_from([0, 50, 1 << 20]))
def test_texts_come_back_whole_and_in_parts_wherever_they_lie(
    tmp_path_factory: pytest.TempPathFactory, texts: list[bytes], in_memory: int
) -> None:
    store = TextStore(tmp_path_factory.getbasetemp() / "data", in_memory)
    stored = [store.add(text) for text in texts]
    assert [one.read() for one in stored] == texts
    assert store.read(0, store.nbytes) == b"".join(texts)
    for one, text in zip(stored, texts, strict=True):
        assert one.part(len(text) // 3, len(text)).read() == text[len(text) // 3 :]


def test_a_store_that_nobody_holds_leaves_no_file(tmp_path: Path) -> None:
    store = TextStore(tmp_path / "data", in_memory_bytes=0)
    store.add(b"x" * 100_000)
    assert (tmp_path / "data").is_dir()
    del store
    gc.collect()
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows shows a temporary file until it is closed")
def test_no_other_program_sees_the_file_of_a_store(tmp_path: Path) -> None:
    store = TextStore(tmp_path / "data", in_memory_bytes=0)
    store.add(b"x" * 100_000)
    assert list((tmp_path / "data").iterdir()) == []


def test_a_corpus_larger_than_the_memory_it_may_take_gives_the_same_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path / "data"))
    folder = _written(tmp_path / "project", files=12, lines=400)
    in_memory = Batches(corpus.read([folder]).files, 4, 64, seed=0)
    expected = [in_memory[number].tokens.tobytes() for number in range(in_memory.steps_per_epoch + 3)]
    monkeypatch.setattr(text_store, "IN_MEMORY_BYTES", 1000)
    on_disk = Batches(corpus.read([folder]).files, 4, 64, seed=0)
    assert [on_disk[number].tokens.tobytes() for number in range(on_disk.steps_per_epoch + 3)] == expected


def test_reading_and_laying_out_a_corpus_takes_little_memory_however_large_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path / "data"))
    monkeypatch.setattr(text_store, "IN_MEMORY_BYTES", 1 << 16)
    folder = _written(tmp_path / "project", files=40, lines=4_000)
    corpus.read([folder])  # modules and caches are not what is measured
    tracemalloc.start()
    found = corpus.read([folder])
    batches = Batches(found.files, 4, 64, seed=0)
    for number in range(batches.steps_per_epoch):
        assert batches[number].tokens.shape == (4, 65)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < found.nbytes / 2


def _written(folder: Path, files: int, lines: int) -> Path:
    """Make files without a line in common, or the corpus would leave all but one out."""
    folder.mkdir()
    for number in range(files):
        text = "".join(f"total_{number}_{line} = count_{number * lines + line} + {line}\n" for line in range(lines))
        (folder / f"part_{number}.py").write_text(text, encoding="utf-8")
    return folder
