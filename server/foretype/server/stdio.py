"""Serve one client over standard input and output.

A thread of its own reads, because a blocking read is the one way that works alike on every system and keeps no event
loop waiting. Standard output belongs to the protocol: whatever else prints goes to standard error.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from foretype.server.app import Server
from foretype.server.framing import FramingError, bodies
from foretype.server.output import Output

_log = logging.getLogger(__name__)

_READ_BYTES = 1 << 16

MakeServer = Callable[[Callable[[], None]], Server]


def serve(make_server: MakeServer) -> int:
    """Serve until the client leaves; return the exit code: 0 after an orderly `shutdown`, otherwise 1.

    `make_server` is given the function that ends the process when the client's process is gone.
    """
    server = make_server(lambda: os._exit(1))
    output = Output()
    server.protocol.set_writer(output)
    try:
        return asyncio.run(_serve(server, output))
    except KeyboardInterrupt:
        return 130
    finally:
        server.suggestions.stop()
        server.memories.stop()


async def _serve(server: Server, output: Output) -> int:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    def receive(body: bytes) -> None:
        try:
            server.protocol.receive(body)
        except SystemExit as leaving:
            end(int(leaving.code or 0))

    output.on_lost = partial(loop.call_soon_threadsafe, end, 1)

    def call(function: Callable[..., None], argument: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: `exit` came before the end of the stream
            loop.call_soon_threadsafe(function, argument)

    def read() -> None:
        code = 1
        try:
            for body in bodies(lambda: os.read(sys.stdin.fileno(), _READ_BYTES)):
                call(receive, body)
            code = 0 if server.protocol.was_shut_down else 1
        except FramingError as error:
            _log.error("the stream is lost: %s", error)
        except OSError as error:
            _log.info("the client is gone: %s", error)
        call(end, code)

    threading.Thread(target=read, name="stdin", daemon=True).start()
    return await ended
