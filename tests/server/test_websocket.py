"""WebSocket: messages are frames of text, web pages are asked where they come from, one server for each connection."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from foretype.model.engine import Engine
from foretype.server import connection, websocket
from foretype.server.access import Address, Token
from foretype.server.app import Server
from foretype.server.daemon import DaemonConfig, listen
from foretype.server.framing import MAX_BODY_BYTES

LOOPBACK = Address("127.0.0.1", 0)
TOKEN = Token("correct-horse-battery")


class Daemon:
    """Hold a running daemon's address and the servers it made."""

    def __init__(self, engine: Engine) -> None:
        self.servers: list[Server] = []
        self.port = 0
        self._engine = engine

    def make_server(self, parent_gone: Callable[[], None]) -> Server:
        self.servers.append(Server("0", lambda: self._engine, parent_gone))
        return self.servers[-1]

    @asynccontextmanager
    async def running(self, **config: Any) -> AsyncIterator[None]:
        with listen(LOOPBACK) as listener:
            self.port = listener.getsockname()[1]
            async with websocket.accepting(listener, DaemonConfig(LOOPBACK, **config), self.make_server):
                yield

    def connect(self, **headers: str) -> connect:
        return connect(f"ws://127.0.0.1:{self.port}", additional_headers=headers, proxy=None, max_size=None)

    async def refusal(self, **headers: str) -> int:
        with pytest.raises(InvalidStatus) as refusal:
            await self.connect(**headers)
        return refusal.value.response.status_code


@pytest.fixture
def daemon(tiny_engine: Engine) -> Daemon:
    return Daemon(tiny_engine)


def encoded(method: str, params: object = None, identifier: int | None = 1) -> str:
    message: dict[str, object] = {"jsonrpc": "2.0", "method": method, "params": params}
    return json.dumps(message if identifier is None else {**message, "id": identifier})


async def request(client: ClientConnection, method: str, params: object = None) -> dict[str, Any]:
    await client.send(encoded(method, params))
    answer: dict[str, Any] = json.loads(await client.recv())
    return answer


async def initialize(client: ClientConnection, options: object = None) -> dict[str, Any]:
    capabilities: dict[str, Any] = {"textDocument": {"inlineCompletion": {}}}
    params = {"processId": None, "rootUri": None, "capabilities": capabilities, "initializationOptions": options}
    answer = await request(client, "initialize", params)
    await client.send(encoded("initialized", {}, None))
    return answer


async def is_served(client: ClientConnection) -> bool:
    return bool((await request(client, "nobody/knows"))["error"]["code"] == -32601)


async def test_a_message_is_a_frame_of_text_without_a_header(daemon: Daemon) -> None:
    async with daemon.running(), daemon.connect() as client:
        await client.send(encoded("shutdown"))
        answer = await client.recv()
        assert isinstance(answer, str)
        assert json.loads(answer)["error"]["code"] == -32002


async def test_frames_of_bytes_are_read_like_frames_of_text(daemon: Daemon) -> None:
    async with daemon.running(), daemon.connect() as client:
        await client.send(encoded("shutdown").encode())
        assert json.loads(await client.recv())["error"]["code"] == -32002
        await client.send(b"\xff", text=True)
        await client.send([encoded("shut")[:20], encoded("shut")[20:]])
        assert "error" in json.loads(await client.recv())


async def test_each_connection_has_a_server_of_its_own(daemon: Daemon) -> None:
    async with daemon.running(), daemon.connect() as first, daemon.connect() as second:
        await initialize(first, {"seed": 1})
        await initialize(second, {"seed": 2})
        assert [server.settings.seed for server in daemon.servers] == [1, 2]


async def test_exit_ends_its_connection_and_no_other(daemon: Daemon) -> None:
    async with daemon.running(), daemon.connect() as leaving, daemon.connect() as staying:
        await initialize(leaving)
        await initialize(staying)
        assert (await request(leaving, "shutdown"))["result"] is None
        await leaving.send(encoded("exit", None, None))
        await leaving.wait_closed()
        assert leaving.close_code == 1000
        assert await is_served(staying)


async def test_an_abrupt_close_ends_its_connection_and_no_other(daemon: Daemon) -> None:
    async with daemon.running(), daemon.connect() as staying:
        leaving = await daemon.connect()
        await initialize(leaving)
        await initialize(staying)
        leaving.transport.abort()
        assert await is_served(staying)


async def test_a_message_of_more_than_a_mebibyte_is_taken(daemon: Daemon) -> None:
    async with daemon.running(), daemon.connect() as client:
        await initialize(client)
        document = {"uri": "file:///a.py", "languageId": "python", "version": 1, "text": "x" * (2 << 20)}
        await client.send(encoded("textDocument/didOpen", {"textDocument": document}, None))
        assert await is_served(client)


async def test_a_frame_that_is_too_big_ends_its_connection_and_no_other(daemon: Daemon) -> None:
    async with daemon.running(), daemon.connect() as staying:
        big = await daemon.connect()
        with suppress(ConnectionClosed):
            await big.send(bytes(MAX_BODY_BYTES + 1))
        await big.wait_closed()
        assert big.close_code == 1009
        await initialize(staying)
        assert await is_served(staying)


async def test_a_client_that_stops_reading_is_dropped_with_one_line(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connection, "MAX_UNSENT_BYTES", 1 << 20)
    async with daemon.running(), daemon.connect() as staying:
        deaf = await daemon.connect()
        await initialize(deaf)
        await initialize(staying)
        deaf.transport.pause_reading()
        with suppress(ConnectionClosed):
            while True:
                await deaf.send(encoded("x" * (1 << 18)))
        assert await is_served(staying)
    assert caplog.text.count("does not read") == 1


async def test_one_client_too_many_is_refused(daemon: Daemon, caplog: pytest.LogCaptureFixture) -> None:
    async with daemon.running(max_connections=1), daemon.connect() as first:
        await initialize(first)
        async with daemon.connect() as second:
            await second.wait_closed()
            assert second.close_code == 1013
        assert await is_served(first)
    assert caplog.text.count("all 1 connections are taken") == 1


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong-horse-battery", f"Basic {TOKEN.text}", TOKEN.text]
)
async def test_without_the_token_the_answer_is_401(
    daemon: Daemon, authorization: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "foretype")
    async with daemon.running(token=TOKEN):
        assert await daemon.refusal(**({"Authorization": authorization} if authorization else {})) == 401
    assert daemon.servers == []
    assert "wrong token" in caplog.text
    assert "horse-battery" not in caplog.text


async def test_with_the_token_a_client_is_served(daemon: Daemon, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "foretype")
    async with daemon.running(token=TOKEN), daemon.connect(Authorization=f"Bearer {TOKEN.text}") as client:
        assert "result" in await initialize(client)
        assert await is_served(client)
    assert TOKEN.text not in caplog.text


async def test_a_web_page_from_elsewhere_is_answered_403(daemon: Daemon) -> None:
    async with daemon.running():
        assert await daemon.refusal(Origin="https://example.org") == 403
        assert await daemon.refusal(Origin="null") == 403
    assert daemon.servers == []


async def test_a_web_page_of_this_machine_or_one_that_is_named_is_served(daemon: Daemon) -> None:
    async with daemon.running(allowed_origins=("https://example.org",)):
        for origin in ("http://localhost:3000", "https://example.org"):
            async with daemon.connect(Origin=origin) as client:
                await initialize(client)
                assert await is_served(client)


async def test_the_end_closes_all_connections(daemon: Daemon) -> None:
    async with daemon.running():
        client = await daemon.connect()
        await initialize(client)
    await client.wait_closed()
    assert client.close_code == 1001
