r"""Cut a byte stream into message bodies and write them, as LSP's base protocol frames them.

Lenient where clients differ (case and order of headers, `\n` alone), strict where a mistake loses the stream.
Source: LSP 3.18, "Base Protocol". Knows nothing of JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

MAX_BODY_BYTES = 64 << 20
MAX_HEADER_BYTES = 64 << 10


class FramingError(Exception):
    """Raised when the stream cannot be cut any further."""


def bodies(read: Callable[[], bytes], max_body_bytes: int = MAX_BODY_BYTES) -> Iterator[bytes]:
    """Yield message bodies until `read` returns nothing; a header that cannot be understood raises FramingError."""
    buffer = bytearray()
    while (length := _read_headers(read, buffer, max_body_bytes)) is not None:
        while len(buffer) < length:
            if not (received := read()):
                return
            buffer += received
        yield bytes(buffer[:length])
        del buffer[:length]


def frame(body: bytes) -> bytes:
    """Return `body` with its header."""
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def _read_headers(read: Callable[[], bytes], buffer: bytearray, max_body_bytes: int) -> int | None:
    """Take header lines off `buffer`; return the body's length, or None at the end of the stream."""
    length: int | None = None
    while True:
        line = _read_line(read, buffer)
        if line is None:
            return None
        if not line:
            if length is not None:
                return length
            continue  # blank lines between messages do no harm
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = _parse_length(value.strip(), max_body_bytes)


def _read_line(read: Callable[[], bytes], buffer: bytearray) -> bytes | None:
    searched = 0
    while (end := buffer.find(b"\n", searched)) < 0:
        searched = len(buffer)
        if searched > MAX_HEADER_BYTES:
            raise FramingError(f"a header line is longer than {MAX_HEADER_BYTES} bytes")
        if not (received := read()):
            return None
        buffer += received
    line = bytes(buffer[:end]).strip()
    del buffer[: end + 1]
    return line


def _parse_length(value: bytes, max_body_bytes: int) -> int:
    if not value.isdigit() or len(value) > len(str(max_body_bytes)) or int(value) > max_body_bytes:
        raise FramingError(f"Content-Length must be 0 to {max_body_bytes}, got {value[:32]!r}")
    return int(value)
