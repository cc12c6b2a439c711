"""One socket client and the server that it alone has, whatever carries their messages.

What happens here ends this connection and nothing else: `exit`, a wrong token, a client that stops reading, a failure.
Lives on the event loop's thread; only `write` may be called from others. Knows nothing of TCP or WebSocket.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Protocol

from foretype.server import handshake
from foretype.server.access import Token
from foretype.server.app import Server
from foretype.server.framing import frame
from foretype.server.handshake import WrongTokenError
from foretype.server.stdio import MakeServer

_log = logging.getLogger(__name__)

MAX_UNSENT_BYTES = 32 << 20
"""How much may wait for a client to read it; a hundred times what an editor that is merely busy leaves there."""


class Link(Protocol):
    """Carry messages to one client."""

    name: str
    """Whom the log is to blame."""
    framed: bool
    """Whether a message needs a header that tells its length."""

    def send(self, content: bytes) -> None:
        """Send a message, or keep it until the client reads."""

    @property
    def unsent_bytes(self) -> int:
        """How much is kept."""

    def close(self) -> None:
        """Send what is kept, for some seconds at most, then end; the client may be closed already."""

    def abort(self) -> None:
        """End at once."""


class Connection:
    """Join one client to one server."""

    def __init__(self, link: Link, make_server: MakeServer, token: Token | None = None) -> None:
        """Wait for the first message; the server is made only for a client that may have one."""
        self._link = link
        self._make_server = make_server
        self._token = token
        self._server: Server | None = None
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._closed = False

    @property
    def is_admitted(self) -> bool:
        """Whether the client has said its first message, with the token if one is asked for."""
        return self._server is not None

    def receive(self, body: bytes) -> None:
        """Handle the body of one message; nothing is raised, whatever comes of it."""
        if self._closed:
            return
        try:
            if self._server is None:
                body = handshake.admit(body, self._token)
                self._server = self._start()
            self._server.protocol.receive(body)
        except WrongTokenError as refusal:
            _log.warning("%s was refused: %s", self._link.name, refusal)
            self.write(frame(refusal.answer) if self._link.framed else refusal.answer)
            self.close()
        except SystemExit:  # the client said `exit`
            self.close()
        except Exception:  # noqa: BLE001  # the other connections go on
            _log.exception("%s is dropped: the server failed", self._link.name)
            self.abort()

    def write(self, content: bytes) -> None:
        """Send a message, from any thread."""
        if threading.get_ident() == self._thread:
            self._write(content)
        else:
            self._loop.call_soon_threadsafe(self._write, content)

    def close(self) -> None:
        """End the connection in order."""
        if not self._closed:
            self.lost()
            self._link.close()

    def abort(self) -> None:
        """End the connection at once."""
        self.lost()
        self._link.abort()

    def lost(self) -> None:
        """Let go of everything that served the client, who is gone or will be soon."""
        self._closed = True
        if self._server is not None:
            self._server.stop()
            self._server.protocol.abandon()

    def _start(self) -> Server:
        server = self._make_server(self._client_process_gone)
        server.protocol.set_writer(self, include_headers=self._link.framed)
        return server

    def _client_process_gone(self) -> None:
        self._loop.call_soon_threadsafe(self.close)

    def _write(self, content: bytes) -> None:
        if self._closed:
            return
        self._link.send(content)
        if (unsent := self._link.unsent_bytes) > MAX_UNSENT_BYTES:
            _log.warning("%s is dropped: it does not read, and %d bytes wait for it", self._link.name, unsent)
            self.abort()
