"""A language server's command that records what its client says and passes it on: `recorder.py FILE COMMAND...`.

Each message of the client is one line of JSON in FILE, written before the server sees it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO

_LENGTH = re.compile(rb"Content-Length: *(\d+)", re.IGNORECASE)


def read_message(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """Return header and body of the next message, None at the end."""
    header = b""
    while not header.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return None
        header += line
    length = _LENGTH.search(header)
    assert length is not None, header
    return header, stream.read(int(length[1]))


def pass_answers_on(server: BinaryIO) -> None:
    """Hand what the server says to the client, as it comes."""
    while piece := os.read(server.fileno(), 1 << 16):
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()


def main() -> int:
    """Record and pass on until the client or the server ends."""
    server = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None
    assert server.stdout is not None
    threading.Thread(target=pass_answers_on, args=(server.stdout,), daemon=True).start()
    with Path(sys.argv[1]).open("ab") as record:
        while (message := read_message(sys.stdin.buffer)) is not None:
            header, body = message
            record.write(body + b"\n")
            record.flush()
            server.stdin.write(header + body)
            server.stdin.flush()
    server.stdin.close()
    return server.wait()


if __name__ == "__main__":
    sys.exit(main())
