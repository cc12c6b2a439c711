"""A marker in a project's text: after everything was run it stands in the memory, and nowhere else."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from foretype.model.registry import Registry
from foretype.training.lsp_client import SERVER, LspClient

MARKER = "quetzalcoatlus"
FORETYPE = (sys.executable, "-P", "-m", "foretype.server")


def test_no_text_of_a_project_gets_into_ledger_logs_reports_or_complaints(registry: Registry, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    for number in range(6):
        (project / f"a{number}.py").write_text(
            f"def {MARKER}_{number}(value):\n    return '{MARKER}'  # {MARKER}\n" * 9
        )
    train = (
        "train",
        str(project),
        "--name",
        "mine",
        "--cell",
        "lstm",
        "--hidden",
        "24",
        "--layers",
        "1",
        "--epochs",
        "2",
    )
    page = tmp_path / "stats.html"
    said = [_run(*train), _run("index", str(project)), _serve(project, tmp_path / "server.log")]
    said += [_run("stats"), _run("stats", "--html", str(page)), _run("models", "list"), _run("doctor")]
    said += [_run("complete", f"{project / 'a1.py'}:1:2:3"), _run("forget", str(project / "a2.py"))]
    graph = registry.root / "models" / "mine" / "0001" / "network.onnx"
    graph.write_bytes(graph.read_bytes()[:99])
    said.append(_run("score", str(project / "a1.py"), "--project", str(project)))
    assert MARKER not in "".join(said)
    found = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file() and _holds(path)}
    outside = {path for path in found if path.parts[0] != "project" and path.parts[:2] != ("data", "memories")}
    assert outside == set()
    assert any(path.parts[:2] == ("data", "memories") for path in found)
    assert page.exists()


def _run(*arguments: str) -> str:
    ended = subprocess.run([*FORETYPE, *arguments], capture_output=True, text=True, check=False)
    return ended.stdout + ended.stderr


def _holds(path: Path) -> bool:
    return MARKER.encode() in path.read_bytes()


def _serve(project: Path, log: Path) -> str:
    """Type, take what is suggested, say what is no message, and return what the server wrote to its log."""
    uri = (project / "a1.py").as_uri()
    with LspClient((*SERVER, "--log-file", str(log)), stderr=subprocess.PIPE) as client:
        client.initialize(root=project, options={MARKER[:3]: 1})
        text = f"def {MARKER}(value):\n" * 3 + "def "
        opened = {"uri": uri, "languageId": MARKER.upper(), "version": 1, "text": text}
        client.notify("textDocument/didOpen", {"textDocument": opened})
        place = {"line": 3, "character": 4}
        ask = {"textDocument": {"uri": uri}, "position": place, "context": {"triggerKind": 1}}
        items: list[dict[str, str]] = []
        deadline = time.monotonic() + 60
        while not items and time.monotonic() < deadline:
            items = client.request("textDocument/inlineCompletion", ask)["result"]["items"]
        assert items
        change = {"range": {"start": place, "end": place}, "text": items[0]["insertText"]}
        client.notify(
            "textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [change]}
        )
        client.notify("textDocument/didChange", {"textDocument": {"uri": uri}, "contentChanges": MARKER})
        client.request("textDocument/inlineCompletion", {**ask, "position": MARKER})
        client.send_bytes(f"Content-Length: 20\r\n\r\n{MARKER[:20]:<20}".encode())
        client.request(f"no/{MARKER[:4]}")
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        client.close()
        assert client.process.stderr is not None
        complaint = client.process.stderr.read().decode()
        client.process.stderr.close()
    return log.read_text() + complaint
