"""A daemon that runs, and editors that are connected to it."""

from __future__ import annotations

import json
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from foretype.server.access import Address
from foretype.server.framing import Decoder, frame
from foretype.training.lsp_client import SERVER

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
