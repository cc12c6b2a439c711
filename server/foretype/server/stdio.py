"""Serve one client over standard input and output.

The first message is answered before the server is imported, if it leaves no doubt; so an editor waits for a tenth of
a second, not for one. Standard output belongs to the protocol: whatever else prints goes to standard error.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from foretype.model.version import VERSION
from foretype.server import greeting
from foretype.server.framing import FramingError, bodies, frame
from foretype.server.output import Output

if TYPE_CHECKING:
    from foretype.server.app import Server

_log = logging.getLogger(__name__)

_READ_BYTES = 1 << 16

MakeServer = Callable[[Callable[[], None]], "Server"]


def serve(make_server: MakeServer) -> int:
    """Serve until the client leaves; return the exit code: 0 after an orderly `shutdown`, otherwise 1.

    `make_server` is called after the first message, with the function that ends the process when the client's process
    is gone.
    """
    if sys.stdin is None or sys.stdout is None:  # closed by whoever started us
        _log.error("standard input or output is closed, and there is nobody to talk to")
        return 1
    output = Output()
    messages = bodies(lambda: os.read(sys.stdin.fileno(), _READ_BYTES))
    try:
        first = next(messages, None)
    except FramingError as error:
        _log.error("the stream is lost: %s", error)
        return 1
    except KeyboardInterrupt:
        return 130
    greeted = None if first is None else greeting.answer(first, VERSION)
    if greeted is not None:
        output.write(frame(greeted[1]))
    server = make_server(lambda: os._exit(1))
    from foretype.server import conversation

    return conversation.run(server, output, first, messages, None if greeted is None else greeted[0])
