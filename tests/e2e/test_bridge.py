"""An editor that speaks stdio, joined to a daemon: `foretype serve --connect`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from tests.e2e.daemon import ASK, SECONDS, Daemon, opened

from foretype.model.registry import Registry
from foretype.training.lsp_client import SERVER, LspClient


def test_a_bridge_carries_an_editor_from_its_first_message_to_its_last(daemon: Daemon) -> None:
    command = (*SERVER, "--stdio", "--connect", daemon.url, f"--clientProcessId={os.getpid()}")
    with LspClient(command) as editor:
        assert editor.initialize()["result"]["serverInfo"]["name"] == "foretype"
        editor.notify("textDocument/didOpen", opened("marker_alpha"))
        items: list[dict[str, str]] = []
        while not items:
            items = editor.request("textDocument/inlineCompletion", ASK)["result"]["items"]
        assert "marker_alpha" in items[0]["insertText"]
        big = {**opened(""), "textDocument": {**opened("")["textDocument"], "text": "größe\n" * 400_000}}
        editor.notify("textDocument/didOpen", big)
        assert "result" in editor.request("textDocument/inlineCompletion", ASK)
        assert editor.close() == 0
        assert editor.notifications == []


def test_a_bridge_ends_with_0_when_the_editor_closes_and_with_1_when_it_exits_without_shutdown(daemon: Daemon) -> None:
    with LspClient((*SERVER, "--connect", daemon.url)) as editor:
        editor.initialize()
        assert editor.process.stdin is not None
        editor.process.stdin.close()
        assert editor.process.wait(SECONDS) == 0
    with LspClient((*SERVER, "--connect", daemon.url)) as editor:
        editor.initialize()
        editor.notify("exit", None)
        assert editor.process.wait(SECONDS) == 1


def test_a_bridge_ends_with_1_when_the_daemon_vanishes(daemon: Daemon) -> None:
    with LspClient((*SERVER, "--connect", daemon.url), stderr=subprocess.PIPE) as editor:
        editor.initialize()
        daemon.process.kill()
        assert editor.process.wait(SECONDS) == 1
        assert editor.process.stderr is not None
        assert b"the daemon closed the connection" in editor.process.stderr.read()
        editor.process.stderr.close()


def test_a_bridge_ends_when_its_editors_process_is_gone(daemon: Daemon) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with LspClient((*SERVER, "--connect", daemon.url, f"--clientProcessId={gone.pid}")) as editor:
        assert editor.process.wait(SECONDS) == 1


def test_a_bridge_to_nobody_says_so_in_one_line(registry: Registry) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = "{}:{}".format(*listener.getsockname())
    result = subprocess.run([*SERVER, "--connect", address], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert f"nothing answers at {address}" in result.stderr
    assert registry.names() == []


def test_a_bridge_loads_nothing_of_what_the_daemon_does(daemon: Daemon) -> None:
    program = (
        "import sys, atexit\n"
        "from foretype.server import cli\n"
        "def report():\n"
        "    heavy = ('lsprotocol', 'pygls', 'numpy', 'onnxruntime', 'asyncio', 'websockets')\n"
        "    print('HEAVY', [name for name in sys.modules if name.split('.')[0] in heavy], file=sys.stderr)\n"
        "atexit.register(report)\n"
        "cli.main(['serve', '--connect', sys.argv[1]])\n"
    )
    with LspClient((sys.executable, "-c", program, daemon.url), stderr=subprocess.PIPE) as editor:
        editor.initialize()
        assert editor.close() == 0
        assert editor.process.stderr is not None
        assert "HEAVY []" in editor.process.stderr.read().decode()
        editor.process.stderr.close()
