"""Shards: what was written is read back, and a build that fails leaves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from foretype.model.errors import CheckpointError
from foretype.training.shards import ShardedText, documents, new_shards

TEXTS = [ShardedText(f"src/größe_{number}.py", "pkg", b"x = %d\n" % number * number) for number in range(50)]


def write(folder: Path, shard_bytes: int) -> None:
    with new_shards(folder, shard_bytes) as writer:
        for text in TEXTS:
            writer.add(text)
        assert writer.nbytes == sum(len(text.text) for text in TEXTS)


@pytest.mark.parametrize("shard_bytes", [1, 1000, 1 << 20])
def test_documents_come_back_in_order_however_many_shards(tmp_path: Path, shard_bytes: int) -> None:
    write(tmp_path / "shards", shard_bytes)
    assert list(documents(tmp_path / "shards")) == TEXTS
    count = len(list((tmp_path / "shards").glob("*.bin")))
    assert count == (1 if shard_bytes > 1000 else count)
    assert (count > 10) == (shard_bytes == 1)


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with new_shards(tmp_path / "shards") as writer:
            writer.add(TEXTS[3])
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_shard_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "shards", 1 << 20)
    text = tmp_path / "shards" / "0000.bin"
    text.write_bytes(text.read_bytes()[:-5])
    with pytest.raises(CheckpointError, match="cut short"):
        list(documents(tmp_path / "shards"))
    (tmp_path / "shards" / "0000.jsonl").write_text("[1, 2\n")
    with pytest.raises(CheckpointError, match="damaged"):
        list(documents(tmp_path / "shards"))
