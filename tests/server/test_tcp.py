"""TCP: every connection has a server of its own, and whatever goes wrong with one ends that one."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from foretype.model.engine import Engine
from foretype.server import connection, tcp
from foretype.server.access import Address, Token
from foretype.server.app import Server
from foretype.server.daemon import DaemonConfig, listen
from foretype.server.framing import Decoder, frame
from foretype.server.stdio import MakeServer

LOOPBACK = Address("127.0.0.1", 0)
TOKEN = Token("correct-horse-battery")
CAPABILITIES: dict[str, Any] = {"textDocument": {"inlineCompletion": {}}}


class Made:
    """Make servers, and keep them with what each was given to end its connection."""

    def __init__(self, engine: Engine) -> None:
        self.servers: list[Server] = []
        self.parent_gone: list[Callable[[], None]] = []
        self._engine = engine

    def __call__(self, parent_gone: Callable[[], None]) -> Server:
        self.servers.append(Server("0", lambda: self._engine, parent_gone))
        self.parent_gone.append(parent_gone)
        return self.servers[-1]


class Client:
    """Speak over one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._decoder = Decoder()
        self._bodies: list[bytes] = []

    def send(self, message: object) -> None:
        self.writer.write(frame(json.dumps(message).encode()))

    async def receive(self) -> dict[str, Any]:
        while not self._bodies:
            if not (received := await self.reader.read(1 << 16)):
                raise EOFError
            self._bodies += self._decoder.feed(received)
        message: dict[str, Any] = json.loads(self._bodies.pop(0))
        return message

    async def request(self, method: str, params: object = None) -> dict[str, Any]:
        self.send({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        return await self.receive()

    async def initialize(self, options: object = None, **params: object) -> dict[str, Any]:
        everything = {"processId": None, "rootUri": None, "capabilities": CAPABILITIES, **params}
        answer = await self.request("initialize", {**everything, "initializationOptions": options})
        self.send({"jsonrpc": "2.0", "method": "initialized", "params": {}})
        return answer

    async def is_served(self) -> bool:
        return bool((await self.request("nobody/knows"))["error"]["code"] == -32601)

    async def is_dropped(self) -> bool:
        try:
            return await self.reader.read() == b""
        except ConnectionError:
            return True


Connect = Callable[[], Any]


@asynccontextmanager
async def running(make_server: MakeServer, **config: Any) -> AsyncIterator[Connect]:
    """Run a daemon; yield what connects to it."""
    opened: list[asyncio.StreamWriter] = []

    async def connect() -> Client:
        reader, writer = await asyncio.open_connection(*listener.getsockname()[:2])
        opened.append(writer)
        return Client(reader, writer)

    with listen(LOOPBACK) as listener:
        try:
            async with tcp.accepting(listener, DaemonConfig(LOOPBACK, **config), make_server):
                yield connect
                for writer in opened:
                    writer.close()
        finally:
            for writer in opened:
                writer.close()


@pytest.fixture
def made(tiny_engine: Engine) -> Made:
    return Made(tiny_engine)


async def test_each_connection_has_a_server_of_its_own(made: Made) -> None:
    async with running(made) as connect:
        first, second = await connect(), await connect()
        await first.initialize({"seed": 1})
        assert (await second.request("shutdown"))["error"]["code"] == -32002  # the first's handshake is not its own
        await second.initialize({"seed": 2})
        assert [server.settings.seed for server in made.servers] == [1, 2]


async def test_a_connection_that_says_nothing_costs_no_server(made: Made) -> None:
    async with running(made) as connect:
        await connect()
        await (await connect()).initialize()
        assert len(made.servers) == 1


async def test_exit_ends_its_connection_and_no_other(made: Made) -> None:
    async with running(made) as connect:
        leaving, staying = await connect(), await connect()
        await leaving.initialize()
        await staying.initialize()
        assert (await leaving.request("shutdown"))["result"] is None
        leaving.send({"jsonrpc": "2.0", "method": "exit"})
        assert await leaving.is_dropped()
        assert await staying.is_served()


async def test_an_abrupt_close_ends_its_connection_and_no_other(made: Made) -> None:
    async with running(made) as connect:
        leaving, staying = await connect(), await connect()
        await leaving.initialize()
        leaving.send({"jsonrpc": "2.0", "id": 2, "method": "shutdown"})
        leaving.writer.transport.abort()
        await staying.initialize()
        assert await staying.is_served()


async def test_a_client_whose_process_is_gone_loses_its_connection_and_no_other_does(made: Made) -> None:
    async with running(made) as connect:
        leaving, staying = await connect(), await connect()
        await leaving.initialize()
        await staying.initialize()
        watch = threading.Thread(target=made.parent_gone[0])
        watch.start()
        assert await leaving.is_dropped()
        assert await staying.is_served()
        watch.join()


async def test_a_socket_clients_process_is_not_watched_because_it_may_be_of_another_machine(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched: list[int] = []
    monkeypatch.setattr("foretype.server.parent.watch", lambda process_id, _: watched.append(process_id))
    async with running(made) as connect:
        client = await connect()
        await client.initialize(processId=2**30)
        assert await client.is_served()
    assert watched == []


async def test_a_stream_that_is_lost_ends_its_connection_after_what_came_before(
    made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(made) as connect:
        losing, staying = await connect(), await connect()
        await losing.initialize({"seed": 5})
        losing.writer.write(b"Content-Length: many\r\n\r\n")
        assert await losing.is_dropped()
        await staying.initialize()
        assert await staying.is_served()
    assert "the stream is lost" in caplog.text


async def test_a_web_page_that_sends_an_http_request_is_dropped(made: Made, caplog: pytest.LogCaptureFixture) -> None:
    async with running(made) as connect:
        page = await connect()
        body = b'{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}}'
        page.writer.write(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + frame(body))
        assert await page.is_dropped()
    assert made.servers == []
    assert "speaks HTTP" in caplog.text


async def test_a_client_that_stops_reading_is_dropped_with_one_line(
    made: Made, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connection, "MAX_UNSENT_BYTES", 1 << 20)
    async with running(made) as connect:
        deaf, staying = await connect(), await connect()
        await deaf.initialize()
        await staying.initialize()
        deaf.writer.transport.pause_reading()
        message = frame(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "x" * (1 << 18)}).encode())
        with suppress(ConnectionError):
            while True:
                deaf.writer.write(message)
                await deaf.writer.drain()
        assert await staying.is_served()
    assert caplog.text.count("does not read") == 1


async def test_one_client_too_many_is_refused_until_another_leaves(
    made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(made, max_connections=1) as connect:
        first, second = await connect(), await connect()
        await first.initialize()
        assert await second.is_dropped()
        assert caplog.text.count("all 1 connections are taken") == 1
        first.send({"jsonrpc": "2.0", "method": "exit"})
        assert await first.is_dropped()
        first.writer.close()
        while True:
            client = await connect()
            client.send({"jsonrpc": "2.0", "id": 1, "method": "shutdown"})
            try:
                assert (await client.receive())["error"]["code"] == -32002
                break
            except (EOFError, ConnectionError):  # the first one's end is yet to be seen
                continue


@pytest.mark.parametrize("options", [None, {}, {"token": "wrong-horse-battery"}])
async def test_without_the_token_a_client_is_told_so_and_dropped(
    made: Made, options: object, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with running(made, token=TOKEN) as connect:
        client = await connect()
        answer = await client.initialize(options)
        assert (answer["error"]["code"], answer["error"]["message"]) == (-32600, "wrong token")
        assert await client.is_dropped()
    assert made.servers == []
    assert "horse-battery" not in caplog.text


async def test_the_token_must_come_with_the_first_message(made: Made) -> None:
    async with running(made, token=TOKEN) as connect:
        client = await connect()
        assert (await client.request("shutdown"))["error"]["message"] == "wrong token"
        client.send({"jsonrpc": "2.0", "id": 2, "method": "initialize"})
        assert await client.is_dropped()


async def test_with_the_token_a_client_is_served_and_the_token_is_no_setting(
    made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with running(made, token=TOKEN) as connect:
        client = await connect()
        assert "result" in await client.initialize({"token": TOKEN.text, "seed": 3})
        assert await client.is_served()  # no complaint about settings came before
        assert made.servers[0].settings.seed == 3
        long_text = {"uri": "file:///a.py", "languageId": "python", "version": 1, "text": "x" * (2 << 20)}
        client.send({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": long_text}})
        assert await client.is_served()
    assert TOKEN.text not in caplog.text


async def test_a_client_that_has_yet_to_show_its_token_cannot_fill_memory(made: Made) -> None:
    async with running(made, token=TOKEN) as connect:
        client = await connect()
        client.writer.write(b"Content-Length: %d\r\n\r\n" % (2 << 20))
        assert await client.is_dropped()


async def test_a_client_that_shows_no_token_cannot_keep_its_connection(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(made, token=TOKEN) as connect:
        admitted = await connect()
        await admitted.initialize({"token": TOKEN.text})
        monkeypatch.setattr(tcp, "_STRANGER_SECONDS", 0.0)
        assert await (await connect()).is_dropped()
        assert await admitted.is_served()


async def test_a_server_that_fails_ends_its_connection_and_no_other(
    made: Made, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(made) as connect:
        failing, staying = await connect(), await connect()
        await failing.initialize()
        await staying.initialize()
        del made.servers[0].protocol.fm  # whatever the bug is
        failing.send({"jsonrpc": "2.0", "id": 1, "method": "shutdown"})
        assert await failing.is_dropped()
        assert await staying.is_served()
    assert "the server failed" in caplog.text


async def test_what_another_thread_writes_arrives(made: Made) -> None:
    async with running(made) as connect:
        client = await connect()
        await client.initialize()
        thread = threading.Thread(target=made.servers[0].protocol.notify, args=("from/thread", {}))
        thread.start()
        assert (await client.receive())["method"] == "from/thread"
        thread.join()


async def test_the_end_closes_all_connections(made: Made) -> None:
    async with running(made) as connect:
        pass
    with pytest.raises(OSError, match=r".*"):
        await connect()
    with listen(LOOPBACK) as listener:
        async with tcp.accepting(listener, DaemonConfig(LOOPBACK), made):
            reader, writer = await asyncio.open_connection(*listener.getsockname()[:2])
            client = Client(reader, writer)
            await client.initialize()
            closing = asyncio.create_task(client.is_dropped())
            closing.add_done_callback(lambda _: writer.close())
        assert await closing
    assert made.servers[0].suggestions._worker._shutdown
