"""A disk that is full or cannot be written: an answer or one line, and what was there is there."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.conftest import write_project
from tests.reliability import confined, stores

from foretype.model import checkpoint
from foretype.model.registry import DATA_DIR_VARIABLE, Registry
from foretype.training.lsp_client import SERVER, LspClient

FORETYPE = (sys.executable, "-P", "-m", "foretype.server")
TRAIN = ("train", "--name", "tiny", "--cell", "lstm", "--hidden", "64", "--layers", "1", "--epochs", "1")

pytestmark = pytest.mark.skipif(confined.refusal() != "", reason=confined.refusal() or "never")


@pytest.fixture
def filled(tiny_registry: Registry, tmp_path: Path) -> Registry:
    stores.fill(tiny_registry, tmp_path / "project")
    return tiny_registry


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return where a small disk is to be, the user's data directory, and where its files are found afterwards."""
    data, after = tmp_path / "small-disk", tmp_path / "after"
    data.mkdir()
    after.mkdir()
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(data))
    return data, after


def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def assert_one_line(said: subprocess.CompletedProcess[str], *words: str) -> None:
    assert said.returncode == 1, said
    lines = [line for line in said.stderr.splitlines() if line.startswith("foretype: ")]
    assert len(lines) == 1, said.stderr
    assert "Traceback" not in said.stderr
    assert any(word in lines[0] for word in words), lines


@pytest.mark.parametrize("room", [0, 60, 200])
def test_training_on_a_full_disk_ends_in_one_line_and_the_old_model_serves(
    filled: Registry, tmp_path: Path, small_disk: tuple[Path, Path], room: int
) -> None:
    write_project(tmp_path / "other", 6)
    said = run(confined.full(filled.root, *small_disk, room, [*FORETYPE, *TRAIN, str(tmp_path / "other")]))
    assert_one_line(said, "No space left", "not", "written")
    before, left = stores.digests(filled.root), stores.digests(small_disk[1])
    assert before.items() <= left.items()
    found = Registry(small_disk[1])
    assert found.promoted("tiny") == filled.promoted("tiny")
    for version in found.versions("tiny"):
        checkpoint.load(small_disk[1] / "models" / "tiny" / version)


def test_a_memory_on_a_full_disk_stays_as_it_was(
    filled: Registry, tmp_path: Path, small_disk: tuple[Path, Path]
) -> None:
    for number in range(40):
        (tmp_path / "project" / f"more_{number}.py").write_text(f"value_{number} = {number}\n" * 40)
    command = [*FORETYPE, "index", str(tmp_path / "project")]
    assert_one_line(run(confined.full(filled.root, *small_disk, 40, command)), "No space left", "written")
    assert stores.digests(small_disk[1]) == stores.digests(filled.root)


def test_a_server_on_a_full_disk_goes_on_answering(
    filled: Registry, tmp_path: Path, small_disk: tuple[Path, Path]
) -> None:
    assert suggestions(confined.full(filled.root, *small_disk, 0, SERVER), tmp_path / "project")
    assert stores.digests(filled.root).items() <= stores.digests(small_disk[1]).items()


def test_where_nothing_can_be_written_everything_that_only_reads_works(filled: Registry, tmp_path: Path) -> None:
    before, project = stores.digests(filled.root), tmp_path / "project"
    said = run(confined.read_only(filled.root, [*FORETYPE, "complete", str(project / "names_1.py"), "--json"]))
    assert "items" in json.loads(said.stdout), said
    assert suggestions(confined.read_only(filled.root, SERVER), project)
    assert stores.digests(filled.root) == before


@pytest.mark.parametrize("command", ["index", "train", "models", "forget"])
def test_where_nothing_can_be_written_writing_ends_in_one_line(filled: Registry, tmp_path: Path, command: str) -> None:
    before = stores.digests(filled.root)
    (tmp_path / "project" / "new.py").write_text("new = 1\n")
    rest = {
        "index": ["index", str(tmp_path / "project")],
        "train": [*TRAIN, str(tmp_path / "project")],
        "models": ["models", "use", "base"],
        "forget": ["forget", str(tmp_path / "project")],
    }[command]
    assert_one_line(run(confined.read_only(filled.root, [*FORETYPE, *rest])), "Read-only")
    assert stores.digests(filled.root) == before


def suggestions(server: Sequence[str], project: Path) -> list[object]:
    """Type for a second or two in a server that was started like this, and return what it suggests last."""
    with LspClient(server) as client:
        client.initialize(root=project)
        uri = (project / "new.py").as_uri()
        text = "def visit(names: li"
        document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        client.notify("textDocument/didOpen", {"textDocument": document})
        ask = {"textDocument": {"uri": uri}, "context": {"triggerKind": 1}}
        items: list[object] = []
        deadline, asked = time.monotonic() + 60, 0
        while (not items or asked < 20) and time.monotonic() < deadline:
            place = {"line": 0, "character": len(text)}
            items = client.request("textDocument/inlineCompletion", {**ask, "position": place})["result"]["items"]
            client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
            asked += 1
            time.sleep(0.1)  # the ledger writes about once a second
        assert client.close() == 0
    return items
