"""Serve clients over WebSocket: a message is a frame of text, without a header; one server for each connection.

The one transport that web pages can use, so the one that asks where a page comes from. Imported by `--ws` alone,
because the library `websockets` is an optional one.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from websockets.asyncio import server as websockets
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from foretype.server import access, daemon
from foretype.server.access import peer_name
from foretype.server.connection import Connection
from foretype.server.daemon import FAREWELL_SECONDS, DaemonConfig
from foretype.server.framing import MAX_BODY_BYTES
from foretype.server.stdio import MakeServer

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request, Response

_log = logging.getLogger(__name__)

_TRY_AGAIN_LATER = 1013  # RFC 6455, section 7.4, as extended in the registry of close codes


def serve(config: DaemonConfig, make_server: MakeServer, announce: Callable[[str], None]) -> int:
    """Serve until a signal ends the process; return the exit code."""
    return daemon.run("ws", config, lambda listener: accepting(listener, config, make_server), announce)


@asynccontextmanager
async def accepting(listener: socket.socket, config: DaemonConfig, make_server: MakeServer) -> AsyncIterator[None]:
    """Serve whoever connects; at the end close all connections, in order if their clients play along."""
    # the library logs whole messages, and headers with the token in them
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    clients: set[_Client] = set()
    server = await websockets.serve(
        partial(_serve, config, make_server, clients),
        sock=listener,
        process_request=partial(_check, config),
        server_header=None,
        compression=None,  # the client is near, and text compressed beside a secret tells about it
        max_size=MAX_BODY_BYTES,
        open_timeout=FAREWELL_SECONDS,
        close_timeout=FAREWELL_SECONDS,
    )
    try:
        yield
    finally:
        for client in clients:
            client.connection.lost()
        server.close()
        with suppress(TimeoutError):  # a connection that is only half made ends with the process
            await asyncio.wait_for(server.wait_closed(), FAREWELL_SECONDS)


def _check(config: DaemonConfig, client: ServerConnection, request: Request) -> Response | None:
    """Answer an HTTP request that must not become a connection."""
    origins = request.headers.get_all("Origin")
    on_loopback = config.address.is_loopback
    if not all(access.is_origin_allowed(origin, config.allowed_origins, on_loopback=on_loopback) for origin in origins):
        _log.warning("%s was refused: its origin is not allowed: %.100r", peer_name(client.remote_address), origins)
        return client.respond(HTTPStatus.FORBIDDEN, "origin not allowed\n")
    if config.token is not None and not config.token.is_same(_bearer(request)):
        _log.warning("%s was refused: wrong token", peer_name(client.remote_address))
        response = client.respond(HTTPStatus.UNAUTHORIZED, "wrong token\n")
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    return None


def _bearer(request: Request) -> str | None:
    """Return the token that a request shows. Source: RFC 6750, section 2.1."""
    headers = request.headers.get_all("Authorization")
    scheme, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" else None


async def _serve(
    config: DaemonConfig, make_server: MakeServer, clients: set[_Client], socket_: ServerConnection
) -> None:
    if not config.has_room(len(clients), peer_name(socket_.remote_address)):
        await socket_.close(_TRY_AGAIN_LATER, "too many connections")
        return
    client = _Client(socket_, make_server)
    clients.add(client)
    sending = asyncio.create_task(client.send_all())
    try:
        while True:
            client.connection.receive(await socket_.recv(decode=False))
    except ConnectionClosed as closed:
        _log.info("%s is gone: %s", client.name, closed)
    finally:
        client.connection.lost()
        clients.discard(client)
        sending.cancel()


class _Client:
    """Keep what one client has yet to read, and be the link to it."""

    framed = False

    def __init__(self, socket_: ServerConnection, make_server: MakeServer) -> None:
        self.name = peer_name(socket_.remote_address)
        self.unsent_bytes = 0
        self.connection = Connection(self, make_server)  # the token was checked before
        self._socket = socket_
        self._unsent: asyncio.Queue[bytes | None] = asyncio.Queue()

    async def send_all(self) -> None:
        """Send what is kept, message by message, until the end."""
        with suppress(ConnectionClosed):
            while (content := await self._unsent.get()) is not None:
                await self._socket.send(content, text=True)
                self.unsent_bytes -= len(content)
            await self._socket.close()

    def send(self, content: bytes) -> None:
        """Keep a message until the client reads."""
        self.unsent_bytes += len(content)
        self._unsent.put_nowait(content)

    def close(self) -> None:
        """Send what is kept, then end."""
        self._unsent.put_nowait(None)
        asyncio.get_running_loop().call_later(FAREWELL_SECONDS, self.abort)

    def abort(self) -> None:
        """End at once."""
        if self._socket.state is not State.CLOSED:  # asyncio fails at a transport that has sent its last and is closed
            self._socket.transport.abort()
