"""The event loop of a server with one client, whose messages a thread reads.

A thread of its own reads, because a blocking read is the one way that works alike on every system and keeps no event
loop waiting. Knows nothing of where messages come from.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

from foretype.server.app import Server
from foretype.server.framing import FramingError
from foretype.server.output import Output

_log = logging.getLogger(__name__)

_MOST_WAITING_BYTES = 32 << 20
_MESSAGE_BYTES = 1 << 10
"""What a message takes beside its body while it waits."""


class _Backlog:
    """Let the reader wait while much is unread: a client that writes and never reads must not fill our memory."""

    def __init__(self) -> None:
        self._bytes = 0
        self._room = threading.Condition()

    def enter(self, nbytes: int) -> None:
        """Wait until there is room for a message; one alone always has it."""
        with self._room:
            self._room.wait_for(lambda: self._bytes == 0 or self._bytes + nbytes <= _MOST_WAITING_BYTES)
            self._bytes += nbytes + _MESSAGE_BYTES

    def leave(self, nbytes: int) -> None:
        """Note that a message has been handled."""
        with self._room:
            self._bytes -= nbytes + _MESSAGE_BYTES
            self._room.notify()


def run(
    server: Server, output: Output, first: bytes | None, messages: Iterator[bytes], answered: int | str | None
) -> int:
    """Serve until the client leaves; return the exit code: 0 after an orderly `shutdown`, otherwise 1.

    `first` was read already, None if there was nothing to read; `answered` is its id if it was answered too.
    """
    server.protocol.set_writer(output)
    server.protocol.answered = answered
    try:
        return asyncio.run(_run(server, output, first, messages))
    except KeyboardInterrupt:
        return 130
    finally:
        server.stop()


async def _run(server: Server, output: Output, first: bytes | None, messages: Iterator[bytes]) -> int:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()
    backlog = _Backlog()

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    def receive(body: bytes) -> None:
        try:
            server.protocol.receive(body)
        except SystemExit as leaving:
            end(int(leaving.code or 0))
        finally:
            backlog.leave(len(body))

    output.on_lost = partial(loop.call_soon_threadsafe, end, 1)

    def call(function: Callable[..., None], argument: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: `exit` came before the end of the stream
            loop.call_soon_threadsafe(function, argument)

    def read() -> None:
        code = 1
        try:
            for body in messages:
                backlog.enter(len(body))
                call(receive, body)
            code = 0 if server.protocol.was_shut_down else 1
        except FramingError as error:
            _log.error("the stream is lost: %s", error)
        except OSError as error:
            _log.info("the client is gone: %s", error)
        call(end, code)

    if first is not None:
        backlog.enter(len(first))
        receive(first)
    threading.Thread(target=read, name="reader", daemon=True).start()
    return await ended
