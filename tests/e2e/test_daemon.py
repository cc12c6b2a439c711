"""The server as a daemon: one process, several editors over real sockets, none of which learns of another."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from foretype.model.registry import Registry
from foretype.server.access import Address
from foretype.server.framing import MAX_BODY_BYTES, Decoder, frame
from foretype.training.lsp_client import SERVER, LspClient

TOKEN = "correct-horse-battery"  # noqa: S105  # protects nothing but these tests
SECONDS = 30.0


class Daemon:
    """Run a daemon; a context manager that ends it."""

    def __init__(self, folder: Path, *options: str | Path, transport: str = "--tcp") -> None:
        self.log = folder / "daemon.log"
        self.port_file = folder / "port"
        command = [*SERVER, transport, "127.0.0.1:0", "--log-file", self.log, "--port-file", self.port_file, *options]
        self.process = subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        self.said = self.process.stderr.readline()
        self.url = self.said.split()[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(SECONDS)
        assert self.process.stderr is not None
        self.process.stderr.close()


class Peer:
    """Speak over TCP and keep every byte that comes back."""

    def __init__(self, url: str) -> None:
        address = Address.parse(url)
        self.socket = socket.create_connection((address.host, address.port), SECONDS)
        self.received = bytearray()
        self.asked: list[object] = []
        self.answered: list[object] = []
        self._decoder = Decoder()
        self._bodies: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, message: dict[str, Any]) -> None:
        self.socket.sendall(frame(json.dumps({"jsonrpc": "2.0", **message}).encode()))

    def receive(self) -> dict[str, Any]:
        while not self._bodies:
            if not (received := self.socket.recv(1 << 16)):
                raise EOFError
            self.received += received
            self._bodies += self._decoder.feed(received)
        message: dict[str, Any] = json.loads(self._bodies.pop(0))
        self.answered.append(message.get("id"))
        return message

    def request(self, identifier: str, method: str, params: object = None) -> dict[str, Any]:
        self.asked.append(identifier)
        self.send({"id": identifier, "method": method, "params": params})
        return self.receive()

    def initialize(self, name: str, options: object = None) -> dict[str, Any]:
        params = {"processId": None, "capabilities": CAPABILITIES, "initializationOptions": options}
        answer = self.request(f"{name}-initialize", "initialize", params)
        self.send({"method": "initialized", "params": {}})
        return answer

    def is_dropped(self) -> bool:
        with suppress(ConnectionError):
            while self.socket.recv(1 << 16):
                pass
        return True


CAPABILITIES: dict[str, Any] = {"textDocument": {"inlineCompletion": {}}}
URI = "file:///project/names.py"  # the same in every editor, which must not matter


def opened(marker: str) -> dict[str, Any]:
    text = f"def {marker}(names):\n" * 3 + "def "
    return {"textDocument": {"uri": URI, "languageId": "python", "version": 1, "text": text}}


ASK = {
    "textDocument": {"uri": URI},
    "position": {"line": 3, "character": 4},
    "context": {"triggerKind": 1},
}


def suggestion(peer: Peer, name: str) -> str:
    """Ask until the model is loaded."""
    for attempt in range(10_000):
        items = peer.request(f"{name}-{attempt}", "textDocument/inlineCompletion", ASK)["result"]["items"]
        if items:
            return str(items[0]["insertText"])
    raise AssertionError("no suggestion")


def token_file(folder: Path, text: str = TOKEN) -> Path:
    path = folder / "token"
    path.write_text(text)
    path.chmod(0o600)
    return path


@pytest.fixture
def daemon(registry: Registry, tmp_path: Path) -> Iterator[Daemon]:  # noqa: ARG001  # where memories would go
    with Daemon(tmp_path) as daemon:
        yield daemon


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
    assert result.stderr == "foretype: --ws needs the package websockets: pip install 'foretype[ws]'\n"
    assert registry.names() == []
