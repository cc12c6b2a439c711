"""Serve clients over TCP: messages framed as on standard input, a server of its own for each connection."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from foretype.server import daemon
from foretype.server.access import peer_name
from foretype.server.connection import Connection
from foretype.server.daemon import FAREWELL_SECONDS, DaemonConfig
from foretype.server.framing import MAX_BODY_BYTES, Decoder, FramingError
from foretype.server.stdio import MakeServer

_log = logging.getLogger(__name__)

_STRANGER_BODY_BYTES = 1 << 20
"""The longest first message of a client that has yet to show its token: an `initialize` needs a few thousand."""

_STRANGER_SECONDS = 10.0
"""How long such a client may keep a connection."""

# a web page may send this to any port, and a body of its choice after it; no header of LSP's begins so
_HTTP_REQUEST = re.compile(rb"[A-Z]+ ")


def serve(config: DaemonConfig, make_server: MakeServer, announce: Callable[[str], None]) -> int:
    """Serve until a signal ends the process; return the exit code."""
    return daemon.run("tcp", config, lambda listener: accepting(listener, config, make_server), announce)


@asynccontextmanager
async def accepting(listener: socket.socket, config: DaemonConfig, make_server: MakeServer) -> AsyncIterator[None]:
    """Serve whoever connects; at the end close all connections, in order if their clients play along."""
    clients: set[_Client] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Client(config, make_server, clients), sock=listener)
    try:
        yield
    finally:
        server.close()
        for client in clients:
            client.connection.close()
        if clients:
            await asyncio.wait([client.gone for client in clients], timeout=FAREWELL_SECONDS)
        for client in clients:
            client.abort()


class _Client(asyncio.Protocol):
    """Cut what one client sends into messages, and be the link to it."""

    framed = True

    def __init__(self, config: DaemonConfig, make_server: MakeServer, clients: set[_Client]) -> None:
        self.name = "a client"
        self.connection = Connection(self, make_server, config.token)
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._config = config
        self._clients = clients
        self._transport: asyncio.Transport
        self._heard = False
        self._decoder = Decoder(MAX_BODY_BYTES if config.token is None else _STRANGER_BODY_BYTES)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a client, if there is room for one more."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.name = peer_name(transport.get_extra_info("peername"))
        if not self._config.has_room(len(self._clients), self.name):
            transport.abort()
            return
        self._clients.add(self)
        # a machine that loses its power says nothing; only this tells
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if self._config.token is not None:
            asyncio.get_running_loop().call_later(_STRANGER_SECONDS, self._end_stranger)

    def data_received(self, data: bytes) -> None:
        """Handle the messages that these bytes complete."""
        if not self._heard and _HTTP_REQUEST.match(data):
            _log.warning("%s was refused: it speaks HTTP", self.name)
            self.connection.abort()
            return
        self._heard = True
        try:
            for body in self._decoder.feed(data):
                self.connection.receive(body)
                self._decoder.max_body_bytes = MAX_BODY_BYTES
        except FramingError as error:
            _log.error("%s is dropped: the stream is lost: %s", self.name, error)
            self.connection.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Let go of the client."""
        _log.info("%s is gone", self.name)
        self.connection.lost()
        self._clients.discard(self)
        if not self.gone.done():
            self.gone.set_result(None)

    def send(self, content: bytes) -> None:
        """Send a message, or keep it until the client reads."""
        self._transport.write(content)

    @property
    def unsent_bytes(self) -> int:
        """How much is kept."""
        return self._transport.get_write_buffer_size()

    def close(self) -> None:
        """Send what is kept and wait until the client closes as well.

        To close first, with something unread, would make the system throw away what the client has yet to read.
        """
        try:
            self._transport.write_eof()
        except OSError:  # the client is gone already
            self.abort()
        else:
            asyncio.get_running_loop().call_later(FAREWELL_SECONDS, self.abort)

    def abort(self) -> None:
        """End at once."""
        if not self.gone.done():  # asyncio fails at a transport that has sent its last and is closed
            self._transport.abort()

    def _end_stranger(self) -> None:
        if not self.connection.is_admitted:
            self.connection.abort()
