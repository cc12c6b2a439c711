"""Standard output, which belongs to the protocol: whatever else prints goes to standard error."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class Output:
    """Write whole messages, one at a time, to the descriptor that was standard output."""

    def __init__(self) -> None:
        """Take the descriptor; from now on `print` writes to standard error."""
        self.on_lost: Callable[[], object] | None = None
        """Called once when the client has stopped listening; what is written after that is dropped."""
        stand_in(2, os.O_WRONLY)  # or what is opened next would be taken for standard error
        self._descriptor = os.dup(1)
        os.dup2(2, 1)
        self._lock = threading.Lock()
        self._lost = False

    def write(self, content: bytes) -> None:
        """Write all of `content`, waiting as long as the client lets it wait."""
        with self._lock:
            rest = memoryview(content)
            try:
                while rest and not self._lost:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError as error:
                self._lost = True
                _log.info("the client stopped listening: %s", error.strerror)
                if self.on_lost is not None:
                    self.on_lost()

    def close(self) -> None:
        """Leave the descriptor to the end of the process."""


def stand_in(descriptor: int, flags: int) -> None:
    """Let a descriptor that was closed when we were started lead nowhere."""
    try:
        os.fstat(descriptor)
    except OSError:
        nowhere = os.open(os.devnull, flags)
        if nowhere != descriptor:
            os.dup2(nowhere, descriptor)
            os.close(nowhere)
