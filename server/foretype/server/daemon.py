"""A process that serves many clients: where it listens, how many it takes, how it ends.

Knows nothing of what its clients speak; `tcp.py` and `websocket.py` do.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from foretype.model import atomic
from foretype.model.errors import UserError
from foretype.server.access import Address, Token

_log = logging.getLogger(__name__)

DEFAULT_MAX_CONNECTIONS = 64
FAREWELL_SECONDS = 5.0
"""How long a connection that ends may take to send what it has and to see its client leave."""

_INTERRUPTED = 130
_BACKLOG = 128

Accept = Callable[[socket.socket], AbstractAsyncContextManager[None]]
"""Serve whoever connects to a socket for as long as the context lasts; its end closes all connections."""


@dataclass(frozen=True, slots=True)
class DaemonConfig:
    """Say where a daemon listens and whom it serves."""

    address: Address
    """In numbers, as `Address.resolve` gives it."""
    token: Token | None = None
    allowed_origins: tuple[str, ...] = ()
    """Web pages that may connect, besides those of this machine if only this machine can."""
    max_connections: int = DEFAULT_MAX_CONNECTIONS
    port_file: Path | None = None
    """Where to write the address that is listened on."""

    def __post_init__(self) -> None:
        if self.token is None and not self.address.is_loopback:
            raise UserError(
                f"{self.address} can be reached from other machines: set --token-file, or listen on 127.0.0.1"
            )
        if self.max_connections < 1:
            raise UserError(f"--max-connections must be at least 1, got {self.max_connections}")

    def has_room(self, connected: int, name: str) -> bool:
        """Tell whether one more client is taken beside those that are connected; say in the log if not."""
        if connected < self.max_connections:
            return True
        _log.warning("%s was refused: all %d connections are taken", name, self.max_connections)
        return False


def run(scheme: str, config: DaemonConfig, accept: Accept, announce: Callable[[str], None]) -> int:
    """Serve until a signal ends the process; return the exit code. `announce` is told the address, once it answers."""
    try:
        return asyncio.run(_run(scheme, config, accept, announce))
    except KeyboardInterrupt:  # before the daemon listens for signals, or again while it ends
        return _INTERRUPTED


async def _run(scheme: str, config: DaemonConfig, accept: Accept, announce: Callable[[str], None]) -> int:
    with listen(config.address) as listener:
        host, port = listener.getsockname()[:2]
        url = f"{scheme}://{Address(host, port)}"
        async with accept(listener):
            with _ending() as ended, _published(url, config.port_file):
                announce(url)
                return await ended


def listen(address: Address) -> socket.socket:
    """Return a socket that listens on the address; port 0 is any that is free."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise UserError(f"cannot listen on {address} ({error.strerror})") from error


@contextmanager
def _ending() -> Iterator[asyncio.Future[int]]:
    """Yield the future exit code, set by the first signal; what a second one does is left to the system."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    def handle(number: int, _: FrameType | None) -> None:
        loop.call_soon_threadsafe(end, 0 if number == signal.SIGTERM else _INTERRUPTED)

    names = ("SIGINT", "SIGTERM", "SIGBREAK")  # the last is Windows' Ctrl-Break; loops have no signal handlers there
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _published(url: str, port_file: Path | None) -> Iterator[None]:
    """Keep the address in a file while it is true."""
    if port_file is None:
        yield
        return
    try:
        atomic.write_file(port_file, f"{url}\n".encode())
    except OSError as error:
        raise UserError(f"--port-file {port_file} cannot be written ({error.strerror})") from error
    try:
        yield
    finally:
        port_file.unlink(missing_ok=True)
