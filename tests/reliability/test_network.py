"""No network: everything works without one, and nothing asks for one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.conftest import write_project
from tests.reliability import confined
from tests.reliability.test_disk import suggestions

from foretype.model.registry import Registry
from foretype.training.lsp_client import SERVER

FORETYPE = (sys.executable, "-P", "-m", "foretype.server")
TRAIN = ("train", "--name", "mine", "--cell", "lstm", "--hidden", "24", "--layers", "1", "--epochs", "1", "--json")

no_namespaces = pytest.mark.skipif(confined.refusal() != "", reason=confined.refusal() or "never")

WATCHED = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"):
        if not (event == "socket.connect" and arguments[1][0] == "127.0.0.1"):  # how event loops wake up on Windows
            sys.stderr.write("NETWORK " + event)
            raise OSError("the network is shut off")
sys.addaudithook(refuse)
from foretype.server.cli import main
main(sys.argv[1:])
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project", 4)


def run(command: Sequence[str]) -> dict[str, object]:
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert "NETWORK" not in said.stderr
    found: dict[str, object] = json.loads(said.stdout)
    return found


def test_training_completing_and_counting_ask_python_for_no_connection(registry: Registry, project: Path) -> None:
    watched = (sys.executable, "-P", "-c", WATCHED)
    assert run([*watched, *TRAIN, str(project)])["version"] == "0001"
    assert "items" in run([*watched, "complete", str(project / "names_1.py"), "--project", str(project), "--json"])
    assert "total" in run([*watched, "stats", "--json"])
    assert registry.names() == ["mine"]


@no_namespaces
def test_where_there_is_no_network_everything_works(registry: Registry, project: Path) -> None:
    assert run(confined.offline([*FORETYPE, *TRAIN, str(project)]))["version"] == "0001"
    assert suggestions(confined.offline(SERVER), project)
    assert registry.names() == ["mine"]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_process_of_ours_connects_to_anything(registry: Registry, project: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    calls = "connect,sendto,sendmsg,sendmmsg"
    strace = ["strace", "-f", "-qq", "--seccomp-bpf", "-o", str(trace), "-e", f"trace={calls}"]
    tried = subprocess.run([*strace, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"strace may not trace here: {tried.stderr.strip()}")
    for command in ([*FORETYPE, *TRAIN, str(project)], None):
        if command is None:
            assert suggestions([*strace, *SERVER], project)
        else:
            run([*strace, *command])
        # by paths the C library asks this machine's own services for the user's home and for numbers never used before
        said = [line for line in trace.read_text().splitlines() if "sa_family=AF_UNIX" not in line]
        # an event loop wakes itself up through a pair of sockets that leads nowhere else
        assert [line for line in said if "connect(" in line or "AF_INET" in line] == []
    assert registry.names() == ["mine"]
