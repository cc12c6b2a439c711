"""The server as an editor runs it: a process of its own, raw messages over stdio."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from foretype.model.registry import Registry
from foretype.training.lsp_client import SERVER, LspClient

URI = "file:///project/names.py"
ASK = {
    "textDocument": {"uri": URI},
    "position": {"line": 3, "character": 4},
    "context": {"triggerKind": 1},
}


@pytest.fixture
def client(tiny_registry: Registry) -> Iterator[LspClient]:  # noqa: ARG001  # the model the server finds
    with LspClient() as client:
        yield client


def open_document(client: LspClient, text: str = "def visit(names):\n" * 3 + "def ") -> None:
    document = {"uri": URI, "languageId": "python", "version": 1, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": document})


def ask_until_loaded(client: LspClient) -> list[dict[str, object]]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        items: list[dict[str, object]] = client.request("textDocument/inlineCompletion", ASK)["result"]["items"]
        if items:
            return items
    raise AssertionError("no suggestion within 30 seconds")


def test_a_real_server_answers_and_leaves_with_0(client: LspClient) -> None:
    answer = client.initialize()
    assert answer["result"]["serverInfo"]["name"] == "foretype"
    open_document(client)
    assert ask_until_loaded(client)[0]["insertText"]
    assert client.close() == 0
    assert client.notifications == []


def test_exit_without_shutdown_leaves_with_1(client: LspClient) -> None:
    client.initialize()
    client.notify("exit", None)
    assert client.process.wait(10) == 1


def test_the_end_of_input_ends_the_server(client: LspClient) -> None:
    client.initialize()
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(10) == 1


def test_a_client_that_stops_listening_ends_the_server_without_a_traceback(
    tiny_registry: Registry, tmp_path: Path
) -> None:
    log = tmp_path / "server.log"
    with LspClient((*SERVER, "--log-file", str(log))) as client:
        client.initialize()
        assert client.process.stdout is not None
        client.process.stdout.close()
        client.send_request("textDocument/inlineCompletion", ASK)
        assert client.process.wait(10) == 1
    assert "stopped listening" in log.read_text()
    assert "Traceback" not in log.read_text()
    assert tiny_registry.find() is not None


def test_a_stream_that_is_lost_ends_the_server_with_a_line_in_the_log(tiny_registry: Registry, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with LspClient((*SERVER, "--log-file", str(log))) as client:
        client.initialize()
        client.send_bytes(b"Content-Length: many\r\n\r\n")
        assert client.process.wait(10) == 1
    assert "the stream is lost" in log.read_text()
    assert tiny_registry.find() is not None


def test_before_training_the_base_model_answers(registry: Registry) -> None:
    with LspClient(SERVER) as client:
        client.initialize()
        open_document(client)
        assert ask_until_loaded(client)
    assert registry.names() == []


def test_a_folder_that_is_opened_is_remembered_by_itself(tiny_registry: Registry, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "known.py").write_text("def unusual_name_of_a_function(argument):\n    return argument\n" * 3)
    with LspClient(SERVER) as client:
        client.initialize(root=project)
        uri = (project / "new.py").as_uri()
        document = {"uri": uri, "languageId": "python", "version": 1, "text": "def unusual_n"}
        client.notify("textDocument/didOpen", {"textDocument": document})
        ask = {**ASK, "textDocument": {"uri": uri}, "position": {"line": 0, "character": 13}}
        deadline, text = time.monotonic() + 60, ""
        while "ame_of_a_function" not in text and time.monotonic() < deadline:
            items = client.request("textDocument/inlineCompletion", ask)["result"]["items"]
            text = str(items[0]["insertText"]) if items else ""
            time.sleep(0.1)
        assert text.startswith("ame_of_a_function")
    assert tiny_registry.current_name() == "tiny"


def test_a_damaged_model_is_logged_and_the_server_lives(tiny_registry: Registry, tmp_path: Path) -> None:
    found = tiny_registry.find()
    graph = found.folder / "network.onnx"
    graph.write_bytes(graph.read_bytes()[:100])
    log = tmp_path / "server.log"
    with LspClient((*SERVER, "--log-file", str(log))) as client:
        client.initialize()
        open_document(client)
        assert ask_until_loaded(client)[0]["insertText"] == "visit(names):"
    assert "network.onnx is damaged" in log.read_text()


def test_no_text_of_a_document_reaches_the_log(tiny_registry: Registry, tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with LspClient((*SERVER, "--log-file", str(log))) as client:
        client.initialize()
        open_document(client, "secret_marker = 1\n" * 3 + "secr")
        ask_until_loaded(client)
        client.notify("textDocument/didChange", {"textDocument": {"uri": URI}, "text": "secret_marker"})
        client.request("textDocument/inlineCompletion", {**ASK, "position": "secret_marker"})
    assert "secret_marker" not in log.read_text()
    assert tiny_registry.find() is not None


def test_the_server_loads_neither_torch_nor_the_training_part(tiny_registry: Registry) -> None:
    program = (
        "import sys, atexit\n"
        "from foretype.server import cli\n"
        "def report():\n"
        "    no_need = ('torch', 'rich', 'onnx', 'matplotlib', 'leather', 'pygments', 'charset_normalizer',\n"
        "               'pydivsufsort', 'platformdirs')\n"
        "    heavy = [name for name in sys.modules if name.split('.')[0] in no_need\n"
        "             or name.startswith('foretype.training')]\n"
        "    print('HEAVY', heavy, file=sys.stderr)\n"
        "atexit.register(report)\n"
        "cli.main(['serve'])\n"
    )
    with LspClient((sys.executable, "-c", program), stderr=subprocess.PIPE) as client:
        client.initialize()
        open_document(client)
        ask_until_loaded(client)
        assert client.close() == 0
        assert client.process.stderr is not None
        assert "HEAVY []" in client.process.stderr.read().decode()
        client.process.stderr.close()
    assert tiny_registry.find() is not None


def test_initialize_is_answered_before_anything_heavy_is_loaded(tiny_registry: Registry) -> None:
    program = (
        "import sys\n"
        "from foretype.server import cli\n"
        "from foretype.server.output import Output\n"
        "write = Output.write\n"
        "def report_and_write(output, content):\n"
        "    Output.write = write\n"
        "    print('LOADED', *sorted(sys.modules), file=sys.stderr)\n"
        "    return write(output, content)\n"
        "Output.write = report_and_write\n"
        "cli.main(['serve'])\n"
    )
    with LspClient((sys.executable, "-c", program), stderr=subprocess.PIPE) as client:
        client.initialize()
        assert client.close() == 0
        assert client.process.stderr is not None
        loaded = client.process.stderr.read().decode().partition("LOADED ")[2].partition("\n")[0].split()
        client.process.stderr.close()
    ours = {
        "foretype.model.errors", "foretype.model.named_path", "foretype.model.version", "foretype.server.cli",
        "foretype.server.commands.serve", "foretype.server.framing", "foretype.server.greeting",
        "foretype.server.output", "foretype.server.stdio",
    }  # fmt: skip
    assert {name for name in loaded if name.startswith("foretype.") and name.count(".") > 1} - ours <= {
        "foretype.server.commands"
    }
    others = {name.split(".")[0] for name in loaded} - {*sys.stdlib_module_names, "foretype", "__main__"}
    assert {name for name in others if not name.startswith("_")} == {"click"}  # the rest comes with installations
    assert {"asyncio", "ctypes", "sqlite3", "multiprocessing", "ssl"}.isdisjoint(loaded)
    assert tiny_registry.find() is not None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL; tests/server/test_parent.py covers the watch")
def test_the_server_ends_when_its_editor_is_killed(tiny_registry: Registry, tmp_path: Path) -> None:
    # the editor's other child keeps the pipe open, so that the end of input never comes
    program = (
        "import subprocess, sys, time\n"
        "from foretype.training.lsp_client import LspClient\n"
        "client = LspClient()\n"
        "client.initialize()\n"
        "holder = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],\n"
        "                          stdout=client.process.stdin)\n"
        "print(client.process.pid, holder.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    editor = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=tmp_path)
    assert editor.stdout is not None
    server, holder = map(int, editor.stdout.readline().split())
    editor.kill()
    editor.wait()
    editor.stdout.close()
    try:
        assert _ends(server, seconds=15)
    finally:
        psutil.Process(holder).kill()
    assert tiny_registry.find() is not None


def _ends(process_id: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not psutil.pid_exists(process_id) or psutil.Process(process_id).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False
