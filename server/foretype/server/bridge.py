"""Join an editor that speaks over standard input and output to a daemon that listens on a TCP port.

What the editor says goes on message by message, because the first may need a token and the last decides the exit code;
what the daemon says goes on as it comes. Imports little, so that it starts fast: the daemon does the work.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial

from foretype.server import handshake, parent
from foretype.server.access import Address, Token
from foretype.server.framing import FramingError, bodies, frame
from foretype.server.output import Output

_log = logging.getLogger(__name__)

_READ_BYTES = 1 << 16
_CONNECT_SECONDS = 10.0
_LONGEST_FAREWELL_BYTES = 1000
"""`shutdown` and `exit` have hardly any content; longer messages are not looked into."""


def connect(address: Address) -> socket.socket:
    """Return a connection to a daemon; raise OSError if nothing listens there."""
    daemon = socket.create_connection((address.host, address.port), timeout=_CONNECT_SECONDS)
    daemon.settimeout(None)
    daemon.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    daemon.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return daemon


def serve(daemon: socket.socket, token: Token | None, editor_process: int | None = None) -> int:
    """Copy both ways until either side ends; return the exit code.

    0 when the editor left, by `exit` after `shutdown` or by closing; 1 when it left otherwise or the daemon vanished.
    """
    return _Bridge(daemon, token).run(editor_process)


class _Bridge:
    """Own the two threads that copy; whichever ends first says how it ended."""

    def __init__(self, daemon: socket.socket, token: Token | None) -> None:
        self._daemon = daemon
        self._token = token
        self._output = Output()
        self._ends: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._was_shut_down = False
        self._has_left = False

    def run(self, editor_process: int | None) -> int:
        self._output.on_lost = partial(self._ends.put, 0)
        if editor_process is not None:
            self._watch(editor_process)
        for copy in (self._copy_from_editor, self._copy_from_daemon):
            threading.Thread(target=copy, name=copy.__name__, daemon=True).start()
        try:
            return self._ends.get()
        except KeyboardInterrupt:
            return 130

    def _copy_from_editor(self) -> None:
        forward: Callable[[bytes], bytes] = self._first
        try:
            for body in bodies(_read_editor):
                self._note_farewell(body)
                self._daemon.sendall(frame(forward(body)))
                forward = _unchanged
            self._ends.put(self._code(0))
        except FramingError as error:
            _log.error("the editor's stream is lost: %s", error)
            self._ends.put(1)
        except OSError as error:
            _log.info("nothing more goes to the daemon: %s", error)  # what it still says may explain why

    def _copy_from_daemon(self) -> None:
        try:
            while content := self._daemon.recv(_READ_BYTES):
                self._output.write(content)
        except OSError as error:
            _log.info("nothing more comes from the daemon: %s", error)
        if not self._has_left:
            _log.error("the daemon closed the connection")
        self._ends.put(self._code(1))

    def _code(self, code_of_others: int) -> int:
        """Return the exit code that LSP asks for after `exit`; `code_of_others` if the editor did not say that."""
        return int(not self._was_shut_down) if self._has_left else code_of_others

    def _first(self, body: bytes) -> bytes:
        if (process_id := handshake.process_of(body)) is not None:
            self._watch(process_id)
        return body if self._token is None else handshake.with_token(body, self._token)

    def _watch(self, process_id: int) -> None:
        parent.watch(process_id, partial(self._ends.put, 1))

    def _note_farewell(self, body: bytes) -> None:
        method = _short_method(body)
        self._was_shut_down |= method == "shutdown"
        self._has_left |= method == "exit"


def _read_editor() -> bytes:
    try:
        return os.read(sys.stdin.fileno(), _READ_BYTES)
    except OSError:  # as good as closed
        return b""


def _unchanged(body: bytes) -> bytes:
    return body


def _short_method(body: bytes) -> str | None:
    """Return the method of a message that may say farewell; None for all others."""
    if len(body) > _LONGEST_FAREWELL_BYTES:
        return None
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    method = message.get("method") if isinstance(message, dict) else None
    return method if isinstance(method, str) else None
