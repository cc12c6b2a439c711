"""Files that are damaged end in an answer or in one line that says what to do, and take nothing else with them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from tests.reliability import stores

from foretype.model import memory, sources
from foretype.model.registry import Registry
from foretype.server import cli
from foretype.training.lsp_client import SERVER, LspClient

COMMANDS = [
    ["complete", "{file}", "--project", "{project}", "--json"],
    ["models", "list", "--json"],
    ["stats", "--json"],
    ["index", "{project}", "--json"],
]


@pytest.fixture
def filled(tiny_registry: Registry, tmp_path: Path) -> Registry:
    stores.fill(tiny_registry, tmp_path / "project")
    return tiny_registry


def test_whatever_file_is_damaged_in_whatever_way_commands_work_or_say_one_line(
    filled: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "project"
    words = {"project": str(project), "file": str(project / "names_1.py")}
    count = 0
    for path in stores.one_of_a_kind(filled.root):
        whole = path.read_bytes()
        for damage in stores.DAMAGES.values():
            damage(path)
            for command in COMMANDS:
                code = cli._run([word.format(**words) for word in command])
                said = capsys.readouterr()
                case = (path.name, command[0], said.err)
                assert code in (0, 1, 2), case
                if code:
                    assert said.err.startswith("foretype: "), case
                    assert said.err.count("\n") == 1, case
                else:
                    json.loads(said.out)
                if command[0] == "index" and "memories" in path.parts and path.is_file():
                    assert code == 0, case
                    assert memory.load(path.parent if path.name == "memory.json" else path.parent.parent), case
                count += 1
            if path.is_dir():
                path.rmdir()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(whole)
    assert count > 300


def test_a_server_answers_though_every_file_is_damaged(filled: Registry, tmp_path: Path) -> None:
    for path in stores.files(filled.root):
        if path.name != "forgotten.json":  # nothing is remembered while it is unknown what must not be
            stores.DAMAGES["cut short"](path)
    project, log = tmp_path / "project", tmp_path / "server.log"
    with LspClient((*SERVER, "--log-file", str(log))) as client:
        client.initialize(root=project)
        uri = (project / "new.py").as_uri()
        document = {"uri": uri, "languageId": "python", "version": 1, "text": "def visit(names: li"}
        client.notify("textDocument/didOpen", {"textDocument": document})
        place = {"line": 0, "character": 19}
        ask = {"textDocument": {"uri": uri}, "position": place, "context": {"triggerKind": 1}}
        items: list[object] = []
        deadline = time.monotonic() + 60
        while not items and time.monotonic() < deadline:
            items = client.request("textDocument/inlineCompletion", ask)["result"]["items"]
        assert items
        assert client.close() == 0
    assert "the model could not be loaded" in log.read_text()
    assert memory.load(memory.folder_of(filled.root / "memories", project))


def test_damaged_sources_say_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sources.json"
    for content in (
        b"{",
        b"[]",
        b'{"format": 1, "files": [1], "folders": [], "roots": [], "complete": true}',
        b"[" * 100_000,
    ):
        path.write_bytes(content)
        assert not sources.read(path).complete
