"""A client in the same process as the server it talks to."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from foretype.model.engine import Engine
from foretype.server.app import Server
from foretype.server.framing import bodies
from foretype.server.ledger import Ledger

URI = "file:///project/names.py"
ASK = {
    "textDocument": {"uri": URI},
    "position": {"line": 0, "character": 4},
    "context": {"triggerKind": 1},
}


class Wire:
    """Talk to a server in this process."""

    def __init__(self, engine: Engine, ledger: Ledger | None = None) -> None:
        self.server = Server("0", lambda: engine, lambda: None, ledger)
        self._written = bytearray()
        self.server.protocol.set_writer(self)
        self._last_id = 0

    def write(self, content: bytes) -> None:
        self._written += content

    def close(self) -> None:
        pass

    def send(self, message: object) -> None:
        self.server.protocol.receive(message if isinstance(message, bytes) else json.dumps(message).encode())

    def notify(self, method: str, params: object) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def messages(self) -> list[dict[str, Any]]:
        """Return what was written since the last call."""
        pieces = iter([bytes(self._written)])
        self._written.clear()
        return [json.loads(body) for body in bodies(lambda: next(pieces, b""))]

    async def sent(self, count: int) -> list[dict[str, Any]]:
        """Return the next messages of the server, at least `count` of them."""
        found: list[dict[str, Any]] = []
        for _ in range(500):
            found += self.messages()
            if len(found) >= count:
                return found
            await asyncio.sleep(0.01)
        raise AssertionError(f"expected {count} messages, got {found}")

    async def request(self, method: str, params: object = None) -> dict[str, Any]:
        self._last_id += 1
        self.send({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        return await self.answer(self._last_id)

    async def answer(self, identifier: object) -> dict[str, Any]:
        for _ in range(500):
            for message in self.messages():
                if message.get("id") == identifier:
                    return message
            await asyncio.sleep(0.01)
        raise AssertionError(f"request {identifier!r} was not answered")

    async def initialize(self, text_document: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
        capabilities = {"textDocument": {"inlineCompletion": {}} if text_document is None else text_document}
        answer = await self.request(
            "initialize", {"processId": None, "rootUri": None, "capabilities": capabilities, **params}
        )
        self.notify("initialized", {})
        return answer

    def open(self, text: str, uri: str = URI) -> None:
        document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, changes: list[Any], version: Any = 2, uri: str = URI) -> None:
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})
