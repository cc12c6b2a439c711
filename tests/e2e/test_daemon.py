"""The server as a daemon: one process, several editors over real sockets, none of which learns of another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from tests.e2e.daemon import ASK, CAPABILITIES, SECONDS, TOKEN, Daemon, Peer, opened, suggestion, token_file
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from foretype.model.registry import Registry
from foretype.server.framing import MAX_BODY_BYTES
from foretype.training.lsp_client import SERVER, LspClient


def test_the_address_is_told_and_kept_in_the_port_file_while_it_is_true(daemon: Daemon) -> None:
    assert daemon.said == f"foretype: listening on {daemon.url}\n"
    assert daemon.url.startswith("tcp://127.0.0.1:")
    with Peer(daemon.url) as peer:
        assert "result" in peer.initialize("one")
        assert daemon.port_file.read_text() == f"{daemon.url}\n"
    if os.name != "nt":  # Windows ends a process without asking it
        daemon.process.terminate()
        assert daemon.process.wait(SECONDS) == 0
        assert not daemon.port_file.exists()


def test_two_editors_never_see_each_others_text_or_answers(daemon: Daemon) -> None:
    with Peer(daemon.url) as first, Peer(daemon.url) as second:
        names = {first: ("one", "marker_alpha"), second: ("two", "marker_omega")}
        for peer, (name, marker) in names.items():
            peer.initialize(name)
            peer.send({"method": "textDocument/didOpen", "params": opened(marker)})
        for _ in range(5):
            for peer, (name, marker) in names.items():
                assert marker in suggestion(peer, name)
        for peer, (name, marker) in names.items():
            assert peer.answered == peer.asked
            assert all(str(identifier).startswith(name) for identifier in peer.answered)
            assert marker.encode() in peer.received
        assert b"marker_omega" not in first.received
        assert b"marker_alpha" not in second.received
    assert "marker_" not in daemon.log.read_text()


@pytest.mark.parametrize("farewell", ["exit", "abrupt close", "lost stream"])
def test_an_editor_that_leaves_takes_no_other_with_it(daemon: Daemon, farewell: str) -> None:
    with Peer(daemon.url) as staying, Peer(daemon.url) as leaving:
        for name, peer in (("one", staying), ("two", leaving)):
            peer.initialize(name)
            peer.send({"method": "textDocument/didOpen", "params": opened(f"marker_{name}")})
        if farewell == "exit":
            leaving.send({"method": "exit"})
            assert leaving.is_dropped()
        elif farewell == "lost stream":
            leaving.socket.sendall(b"Content-Length: many\r\n\r\n")
            assert leaving.is_dropped()
        else:  # with an answer on its way
            leaving.send({"id": 1, "method": "textDocument/inlineCompletion", "params": ASK})
            leaving.socket.close()
        assert "marker_one" in suggestion(staying, "one")
        with Peer(daemon.url) as newcomer:
            assert "result" in newcomer.initialize("three")


def test_an_editor_that_stops_reading_is_dropped_and_the_others_go_on(daemon: Daemon) -> None:
    with Peer(daemon.url) as staying, Peer(daemon.url) as deaf:
        staying.initialize("one")
        deaf.initialize("two")
        with suppress(ConnectionError):
            while True:  # each is answered by an error that names the method
                deaf.send({"id": 1, "method": "x" * (1 << 20)})
        assert staying.request("one-last", "nobody/knows")["error"]["code"] == -32601
    assert daemon.log.read_text().count("does not read") == 1


def test_with_a_token_only_those_who_show_it_are_served(registry: Registry, tmp_path: Path) -> None:
    shown = token_file(tmp_path)
    (tmp_path / "other").mkdir()
    wrong = token_file(tmp_path / "other", "wrong-horse-battery")
    with Daemon(tmp_path, "--token-file", shown) as daemon:
        with Peer(daemon.url) as peer:
            assert peer.initialize("one", {"token": "wrong-horse-battery"})["error"]["message"] == "wrong token"
            assert peer.is_dropped()
        with Peer(daemon.url) as peer:
            assert "result" in peer.initialize("two", {"token": TOKEN})
        with LspClient((*SERVER, "--connect", daemon.url, "--token-file", str(wrong))) as editor:
            assert editor.request("initialize", {"capabilities": {}})["error"]["code"] == -32600
            assert editor.process.wait(SECONDS) == 1
        with LspClient((*SERVER, "--connect", daemon.url, "--token-file", str(shown))) as editor:
            assert "result" in editor.initialize(options={"seed": 1})
            assert editor.close() == 0
            assert editor.notifications == []  # no word of a setting that is not known
        assert "horse-battery" not in daemon.log.read_text()
    assert registry.names() == []


def test_over_websocket_editors_are_served_and_strangers_are_not(registry: Registry, tmp_path: Path) -> None:
    with Daemon(tmp_path, "--token-file", token_file(tmp_path), transport="--ws") as daemon:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        initialize = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": CAPABILITIES}}
        with pytest.raises(InvalidStatus, match="401"):
            connect(daemon.url, proxy=None)
        with pytest.raises(InvalidStatus, match="403"):
            connect(daemon.url, proxy=None, additional_headers={**headers, "Origin": "https://example.org"})
        with connect(daemon.url, proxy=None, additional_headers=headers) as staying:
            leaving = connect(daemon.url, proxy=None, additional_headers=headers)
            with suppress(ConnectionClosed), leaving:
                leaving.send(bytes(MAX_BODY_BYTES + 1))
                leaving.recv(SECONDS)
            staying.send(json.dumps(initialize))
            answer = staying.recv(SECONDS)
            assert isinstance(answer, str)
            assert json.loads(answer)["result"]["serverInfo"]["name"] == "foretype"
        assert TOKEN not in daemon.log.read_text()
    assert registry.names() == []


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_the_daemon_in_order(daemon: Daemon, number: signal.Signals, code: int) -> None:
    with Peer(daemon.url) as peer:
        peer.initialize("one")
        daemon.process.send_signal(number)
        assert peer.is_dropped()
    assert daemon.process.wait(SECONDS) == code
    assert not daemon.port_file.exists()
    assert "Traceback" not in daemon.log.read_text()


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
def test_a_signal_closes_websockets_with_the_code_for_going_away(registry: Registry, tmp_path: Path) -> None:
    with Daemon(tmp_path, transport="--ws") as daemon, connect(daemon.url, proxy=None) as client:
        daemon.process.terminate()
        with pytest.raises(ConnectionClosed):
            client.recv(SECONDS)
        assert client.close_code == 1001
        assert daemon.process.wait(SECONDS) == 0
        assert "Traceback" not in daemon.log.read_text()
    assert registry.names() == []


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--tcp", "7777"], "HOST:PORT"),
        (["--tcp", ""], "HOST:PORT"),
        (["--tcp", "0.0.0.0:0"], "--token-file"),
        (["--ws", "[::]:0"], "--token-file"),
        (["--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0"], "choose one"),
        (["--tcp", "127.0.0.1:0", "--stdio"], "choose one"),
        (["--tcp", "127.0.0.1:0", "--token-file", "nowhere"], "nowhere"),
        (["--tcp", "127.0.0.1:0", "--max-connections", "0"], "at least 1"),
        (["--tcp", "127.0.0.1:0", "--allow-origin", "http://x"], "--ws"),
        (["--tcp", "127.0.0.1:0", "--port-file", "."], "--port-file"),
        (["--tcp", "8.8.8.8:0", "--token-file", "TOKEN"], "cannot listen"),
        (["--connect", "127.0.0.1:1", "--model", "base"], "--model"),
        (["--connect", "ws://127.0.0.1:1"], "TCP only"),
        (["--token-file", "TOKEN"], "--token-file"),
    ],
)
def test_what_cannot_work_is_refused_at_the_start(
    registry: Registry, tmp_path: Path, arguments: list[str], word: str
) -> None:
    shown = str(token_file(tmp_path))
    command = [*SERVER, *(shown if argument == "TOKEN" else argument for argument in arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert word in result.stderr
    assert registry.names() == []


def test_without_its_library_websocket_says_what_to_install(registry: Registry) -> None:
    program = (
        "import sys\n"
        "sys.modules['websockets'] = None\n"
        "from foretype.server import cli\n"
        "cli.main(['serve', '--ws', '127.0.0.1:0'])\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr == 'foretype: --ws needs the package websockets: pip install "foretype[ws]"\n'
    assert registry.names() == []
