"""`foretype forget`: what it says, what it proves by `foretype score`, and that a running server obeys."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from foretype.model.registry import Registry
from foretype.training.lsp_client import SERVER, LspClient

SECONDS = 60.0
PRIVATE = "def zanzibar_settlement(account_of_the_heirs):\n    return account_of_the_heirs.settle(7351)\n"
PLAIN = "def work_{0}(value):\n    return value + {0}\n\n\ndef rest_{0}(value):\n    return value - {0}\n"


def foretype(*arguments: str | int | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "foretype.server", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=dict(os.environ), check=False)


def report(*arguments: str | int | Path) -> dict[str, Any]:
    done = foretype(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def bits(*arguments: str | int | Path) -> float:
    return float(report("score", *arguments)["bits_per_byte"])


@pytest.fixture
def project(tmp_path: Path, registry: Registry) -> Path:  # noqa: ARG001  # where the memories go
    folder = tmp_path / "project"
    (folder / "inner").mkdir(parents=True)
    for number in range(4):
        (folder / f"plain_{number}.py").write_text(PLAIN.format(number))
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a file outside of the project that says what the secret one there will say."""
    file = tmp_path / "copy.py"
    file.write_text(PRIVATE)
    return file


def test_a_score_returns_to_what_it_was_before_the_memory_learnt(project: Path, copy: Path) -> None:
    before = bits(copy, "--project", project)
    secret = project / "inner" / "secret.py"
    secret.write_text(PRIVATE)
    assert bits(copy, "--project", project) < before / 2
    done = foretype("forget", secret)
    assert done.returncode == 0
    assert done.stdout == f"forgot {secret}: 1 file erased from 1 memory\n"
    assert bits(copy, "--project", project) == before
    assert foretype("forget", "--undo", secret).stdout == f"{secret} may be learnt again\n"
    assert bits(copy, "--project", project) < before / 2


def test_a_score_returns_to_what_it_was_before_the_network_learnt(
    project: Path, copy: Path, registry: Registry
) -> None:
    shape = ("--hidden", 32, "--layers", 1)
    assert report("train", project, "--name", "mine", "--epochs", 4, *shape)["promoted"]
    report("models", "use", "mine")
    before = bits(copy, "--without", "memory")
    secrets = [project / "inner" / f"secret_{number}.py" for number in range(6)]
    for number, file in enumerate(secrets):
        file.write_text(PRIVATE.replace("7351", f"735{number}"))
    assert report("train", project, "--name", "mine", "--from", "mine", "--epochs", 40)["promoted"]
    assert bits(copy, "--without", "memory") < before
    marked = foretype("forget", project / "inner")
    assert "mine: 0002 learnt from it; --drop removes what did, --retrain trains it anew without" in marked.stdout
    listed = report("models", "list")["models"]
    assert [row["learnt_from_forgotten"] for row in listed if row["name"] == "mine"] == [["0002"]]
    assert "0002 learnt from files that are forgotten" in foretype("models").stdout
    dropped = foretype("forget", "--drop")
    assert "mine: 0002 removed; 0001 serves" in dropped.stdout
    assert bits(copy, "--without", "memory") == before
    assert registry.versions("mine") == ["0001"]


def test_what_is_dropped_can_be_trained_anew_without_it(project: Path, registry: Registry) -> None:
    secret = project / "secret.py"
    secret.write_text(PRIVATE * 4)
    trained = report("train", project, "--name", "mine", "--epochs", 2, "--hidden", 16, "--layers", 1)
    found = report("forget", *project.iterdir(), "--drop")
    assert found["models"] == [
        {"name": "mine", "learnt": [trained["version"]], "unknown": [], "dropped": [trained["version"]],
         "serves": None, "retrained": None}
    ]  # fmt: skip
    assert foretype("forget", "--undo", project).returncode == 0
    trained = report("train", project, "--name", "mine", "--epochs", 2, "--hidden", 16, "--layers", 1)
    [model] = report("forget", secret, "--retrain", "--minutes", "0.02")["models"]
    assert model["learnt"] == model["dropped"] == [trained["version"]]
    assert model["retrained"] is not None
    assert registry.versions("mine") == [model["retrained"]]
    assert report("models", "list")["models"][1]["learnt_from_forgotten"] == []


def test_a_network_of_words_is_trained_anew_as_one(project: Path, registry: Registry) -> None:
    secret = project / "secret.py"
    secret.write_text(PRIVATE * 4)
    report("train", project, "--unit", "word", "--name", "mine", "--epochs", 2, "--hidden", 16, "--layers", 1)
    assert b" zanzibar_settlement" in registry.find("mine").vocabulary().pieces
    [model] = report("forget", secret, "--retrain", "--minutes", "0.02")["models"]
    pieces = registry.version("mine", model["retrained"]).vocabulary().pieces
    assert b" value" in pieces
    assert not any(b"zanzibar" in piece for piece in pieces)


def test_what_was_never_known_is_said_to_be_so(project: Path, tmp_path: Path) -> None:
    assert foretype("forget").stdout == "nothing is forgotten\n"
    never = tmp_path / "nowhere" / "never.py"
    done = foretype("forget", never)
    assert (done.returncode, done.stdout) == (0, f"{never} was not known; nothing will be learnt from it\n")
    assert foretype("forget").stdout == f"{never}\n"
    assert foretype("forget", "--undo", project).stdout == f"{project} was not forgotten\n"
    inside = foretype("forget", "--undo", never / "inside.py")
    assert inside.returncode == 2
    assert "undo that" in inside.stderr
    assert foretype("forget", "--undo").returncode == 2


def test_training_on_nothing_but_what_is_forgotten_is_refused(project: Path, registry: Registry) -> None:
    foretype("forget", project)
    done = foretype("train", project, "--epochs", 1)
    assert done.returncode == 2
    assert "4 forgotten" in done.stderr
    assert registry.names() == []


def test_a_server_that_runs_no_longer_suggests_it(project: Path, registry: Registry) -> None:
    secret = project / "secret.py"
    secret.write_text(PRIVATE * 3)
    uri, typed = (project / "new.py").as_uri(), "def zanzibar_s"
    place = {"line": 0, "character": len(typed)}
    ask = {"textDocument": {"uri": uri}, "position": place, "context": {"triggerKind": 1}}
    document = {"uri": uri, "languageId": "python", "version": 1, "text": typed}

    def suggests_it(client: LspClient) -> bool:
        items = client.request("textDocument/inlineCompletion", ask)["result"]["items"]
        return any("ettlement" in str(item["insertText"]) for item in items)

    with LspClient(SERVER) as client:
        client.initialize(root=project)
        client.notify("textDocument/didOpen", {"textDocument": document})
        for wanted in (True, False):
            deadline = time.monotonic() + SECONDS
            while suggests_it(client) is not wanted:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            foretype("forget", secret)
        assert client.request("foretype/status")["result"]["memory"]["folders"] == [str(project)]
    assert registry.names() == []
