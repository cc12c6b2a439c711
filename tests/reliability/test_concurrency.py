"""Several processes on one data directory, and two that want to train one model."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import write_project

from foretype.model import checkpoint, memory
from foretype.model.errors import UserError
from foretype.model.registry import Registry
from foretype.training.claim import claimed
from foretype.training.lsp_client import LspClient

TRAIN = [sys.executable, "-P", "-m", "foretype.server", "train", "--name", "mine"]
SHAPE = ["--cell", "lstm", "--hidden", "32", "--layers", "1"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project", 6)


def until(holds: Any) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_model_is_trained_by_one_process_at_a_time_and_a_dead_one_is_in_nobodys_way(
    registry: Registry, project: Path
) -> None:
    long = [*TRAIN, *SHAPE, "--epochs", "100000", str(project)]
    short = [*TRAIN, *SHAPE, "--epochs", "1", str(project)]
    with subprocess.Popen(long, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as first:
        until((registry.root / "training" / "mine.pid").exists)
        second = subprocess.run(short, capture_output=True, text=True, check=False)
        complaints = [line for line in second.stderr.splitlines() if line.startswith("foretype: ")]
        assert second.returncode == 2
        assert complaints == [
            f"foretype: another process (pid {first.pid}) trains 'mine'; wait for it, end it, or choose another --name"
        ]
        first.kill()
    assert subprocess.run(short, capture_output=True, check=False).returncode == 0
    assert registry.promoted("mine") == "0001"
    assert not (registry.root / "training" / "mine.pid").exists()


def test_another_model_may_be_trained_at_the_same_time(tmp_path: Path) -> None:
    refused = pytest.raises(UserError, match=f"pid {os.getpid()}")
    with claimed(tmp_path, "one"), claimed(tmp_path, "two"), refused, claimed(tmp_path, "one"):
        pass
    with claimed(tmp_path, "one"):
        pass


def test_two_servers_and_a_training_run_share_a_data_directory(registry: Registry, project: Path) -> None:
    command = [*TRAIN, *SHAPE, "--epochs", "30", str(project)]
    with LspClient() as one, LspClient() as other:
        for client in (one, other):
            client.initialize(root=project)
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as training:
            rounds = 0
            while training.poll() is None or rounds < 20:
                for client in (one, other):
                    _type(client, project, rounds)
                rounds += 1
            assert training.returncode == 0, training.stderr and training.stderr.read()
        for client in (one, other):
            assert client.request("foretype/status")["result"]["silences"].get("failed", 0) == 0
            assert client.close() == 0
    assert memory.load(memory.folder_of(registry.root / "memories", project))
    for version in registry.versions("mine"):
        checkpoint.load(registry.root / "models" / "mine" / version)
    with closing(sqlite3.connect(registry.root / "ledger.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (answers,) = connection.execute("SELECT sum(count) FROM latencies").fetchone()
    assert answers == 2 * rounds


def _type(client: LspClient, project: Path, number: int) -> None:
    uri = (project / f"names_{number % 6}.py").as_uri()
    text = f"# {number}\ndef visit(names: li"
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": document})
    client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    ask = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 19}, "context": {"triggerKind": 1}}
    assert "items" in client.request("textDocument/inlineCompletion", ask)["result"]
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
