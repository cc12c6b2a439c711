"""docs/files.md names what is in the files: every file of a folder, every key, column and counter."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import pytest
from safetensors import safe_open

from foretype.model import checkpoint, forgotten, memory, mixture, segment, sources
from foretype.model.checkpoint import Checkpoint
from foretype.model.config import Config
from foretype.model.mixture import Mixture
from foretype.model.reason import Reason
from foretype.model.registry import Registry
from foretype.model.segment import IndexedFile
from foretype.model.sources import Sources
from foretype.server import ledger_file
from foretype.server.ledger import Batch, Fate
from foretype.server.ledger_file import LedgerFile
from foretype.training import snapshot
from foretype.training.train import Step, start
from foretype.training.train_config import TrainConfig

PAGE = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return re.split(r"^## ", PAGE.split(f"\n## {title}\n", 1)[1], flags=re.MULTILINE)[0]


def assert_named(title: str, names: object) -> None:
    assert isinstance(names, list | set | dict | tuple)
    assert names
    assert [name for name in sorted(names) if f"`{name}`" not in section(title)] == []


def assert_format(title: str, number: int) -> None:
    assert re.search(rf"`format` (\(|\| ){number}\b", section(title))


def test_a_model_is_described(tiny_checkpoint: Checkpoint) -> None:
    about = json.loads((tiny_checkpoint.folder / "config.json").read_text(encoding="utf-8"))
    for folder in (tiny_checkpoint.folder, Registry.default().find("base").folder):
        assert_named("Model", {path.name for path in folder.iterdir()})
    assert_named("Model", [*about, *about["config"], *[one.name for one in fields(Config)]])
    assert_named("Model", json.loads(Sources().to_json()))
    assert_format("Model", checkpoint.FORMAT)
    assert sources.FORMAT == 1


def test_a_memory_is_described(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    held = memory.update(tmp_path / "memory", project, {"a.py": b"text\n"}, {"a.py": (5, 1)})
    about = json.loads((tmp_path / "memory" / "memory.json").read_text(encoding="utf-8"))
    part = tmp_path / "memory" / held.parts[0].name
    assert_named("Memory", {*about, *about["segments"][0], "memory.json"})
    assert_named("Memory", {path.name for path in part.iterdir()} | {one.name for one in fields(IndexedFile)})
    assert f"| `format` | {memory.FORMAT} |" in section("Memory")
    assert f"`format` ({segment.FORMAT})" in section("Memory")


def test_the_list_of_what_is_forgotten_is_described(registry: Registry, tmp_path: Path) -> None:
    forgotten.add(registry.root, {tmp_path / "a.py": frozenset()})
    assert_named("Forgotten", json.loads((registry.root / "forgotten.json").read_text(encoding="utf-8")))
    assert_format("Forgotten", forgotten.FORMAT)


def test_a_run_s_log_and_snapshot_are_described(tmp_path: Path) -> None:
    assert_named("Log of a run", ["step", "progress", "seconds", "bytes", "bits", "held_out_bits", "sample"])
    assert {one.name for one in fields(Step)} >= {"progress", "seconds", "bits", "held_out_bits", "sample"}
    options = TrainConfig(epochs=1, batch_size=2, seq_len=8)
    saved = tmp_path / "mine.safetensors"
    snapshot.save(saved, start(Config(n_layer=1, d_model=8, d_embed=4), options, 2), options, "text")
    with safe_open(saved, "pt") as file:
        about = json.loads(file.metadata()["run"])
    assert_named("Snapshot of a run", [*snapshot._COUNTERS, *about])
    assert_format("Snapshot of a run", snapshot.FORMAT)


def test_the_ledger_is_described(tmp_path: Path) -> None:
    file = LedgerFile(tmp_path / "ledger.sqlite")
    batch = Batch()
    batch.add_silence(1, "python", Reason.DEADLINE)
    file.write(batch)
    file.close()
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", section("Ledger"), re.MULTILINE))
        assert set(rows) == set(tables)
        for table in tables:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            assert set(re.findall(r"`(\w+)`", rows[table])) == set(columns)
    assert_named("Ledger", [fate.value for fate in Fate])
    assert f"`user_version` {ledger_file.SCHEMA_VERSION}" in section("Ledger")
    assert f"{ledger_file.OLDEST_DAYS} days" in section("Ledger")
    assert f"{ledger_file.MOST_OUTCOMES:,}" in section("Ledger")


def test_the_constants_of_the_mixture_are_described() -> None:
    assert_named("Constants of the mixture", [one.name for one in fields(Mixture)])
    assert mixture.shipped() is not None


@pytest.mark.parametrize("name", ["models/current", "models/NAME/promoted", "ledger.sqlite", "forgotten.json"])
def test_every_file_of_the_data_directory_has_its_line(name: str) -> None:
    assert re.search(rf"^    {re.escape(name)} ", PAGE, re.MULTILINE)
