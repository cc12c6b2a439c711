"""A small blocking client for a language server over stdio: for measuring one and for showing it at work.

Its own cost per message is tens of microseconds, so that what it times is the server. Not for several threads.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SERVER = (sys.executable, "-P", "-m", "foretype.server", "serve")
"""The command of the server that belongs to this installation."""

_READ_BYTES = 1 << 16
_EXIT_SECONDS = 10.0

Json = dict[str, Any]


class LspClient:
    """Run a server and talk to it; a context manager that ends it as an editor would."""

    def __init__(
        self,
        command: Sequence[str] = SERVER,
        environment: Mapping[str, str] | None = None,
        stderr: int | None = None,
    ) -> None:
        """Start `command`; `environment` is added to this process's."""
        self.process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            bufsize=0,
            env={**os.environ, **(environment or {})},
        )
        self.notifications: list[Json] = []
        """Everything the server said unasked, oldest first."""
        self._buffer = bytearray()
        self._last_id = 0

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the server."""
        self.close()

    def initialize(
        self, capabilities: Json | None = None, options: Json | None = None, root: Path | None = None
    ) -> Json:
        """Shake hands, `root` being the folder that is open, and return the server's answer to `initialize`."""
        answer = self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": root and root.resolve().as_uri(),
                "capabilities": capabilities or {"textDocument": {"inlineCompletion": {}}},
                "initializationOptions": options,
            },
        )
        self.notify("initialized", {})
        return answer

    def request(self, method: str, params: Any = None) -> Json:
        """Return the whole response to a request; a server that ends instead raises EOFError."""
        return self.wait(self.send_request(method, params))

    def send_request(self, method: str, params: Any = None) -> int:
        """Send a request without waiting; return its id."""
        self._last_id += 1
        self.send({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        return self._last_id

    def wait(self, identifier: int) -> Json:
        """Return the response with this id, keeping notifications that come before it."""
        while True:
            message = self.receive()
            if "method" in message:
                self.notifications.append(message)
            elif message.get("id") == identifier:
                return message

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def send(self, message: object) -> None:
        """Send any JSON value as a message."""
        body = json.dumps(message).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def send_bytes(self, content: bytes) -> None:
        """Send bytes as they are."""
        assert self.process.stdin is not None
        rest = memoryview(content)
        while rest:
            rest = rest[self.process.stdin.write(rest) :]

    def receive(self) -> Json:
        """Return the next message; the end of the stream raises EOFError."""
        assert self.process.stdout is not None
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._fill()
        length = int(bytes(self._buffer[:end]).lower().partition(b"content-length:")[2].split()[0])
        while len(self._buffer) < end + 4 + length:
            self._fill()
        body = bytes(self._buffer[end + 4 : end + 4 + length])
        del self._buffer[: end + 4 + length]
        message: Json = json.loads(body)
        return message

    def close(self) -> int:
        """Shut the server down and return its exit code; one that does not answer is killed."""
        if self.process.poll() is None:
            try:
                self.request("shutdown")
                self.notify("exit", None)
            except (EOFError, OSError):
                pass
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            return self.process.wait(_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self.process.stdout.close()

    def _fill(self) -> None:
        assert self.process.stdout is not None
        received = self.process.stdout.read(_READ_BYTES)
        if not received:
            raise EOFError(f"the server ended with exit code {self.process.wait(_EXIT_SECONDS)}")
        self._buffer += received
