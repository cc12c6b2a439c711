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


class Decoder:
    """Cut a stream that arrives in pieces into message bodies; how it is cut into pieces changes nothing."""

    def __init__(self, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        """Start at the beginning of a stream."""
        self.max_body_bytes = max_body_bytes
        """The longest body that is taken; may be changed between two messages."""
        self._buffer = bytearray()
        self._searched = 0  # no line ends before this offset: a line that arrives in crumbs is searched once
        self._length: int | None = None
        self._in_body = False

    def feed(self, received: bytes) -> Iterator[bytes]:
        """Take the next piece; return the bodies that it completes.

        A header that cannot be understood raises FramingError after the bodies before it.
        """
        self._buffer += received
        return self._cut()

    def _cut(self) -> Iterator[bytes]:
        while self._in_body or self._take_headers():
            assert self._length is not None
            if len(self._buffer) < self._length:
                return
            body = self._take(self._length)
            self._in_body, self._length = False, None
            yield body

    def _take_headers(self) -> bool:
        """Take header lines off the buffer; tell whether a body comes next."""
        while (line := self._take_line()) is not None:
            if not line and self._length is not None:
                self._in_body = True
                return True
            # blank lines between messages do no harm; neither does what a wrong length left before a header
            name, _, value = line.rpartition(b":")
            if name.strip().lower().endswith(b"content-length"):
                self._length = _parse_length(value.strip(), self.max_body_bytes)
        return False

    def _take_line(self) -> bytes | None:
        end = self._buffer.find(b"\n", self._searched)
        if (len(self._buffer) if end < 0 else end) > MAX_HEADER_BYTES:
            raise FramingError(f"a header line is longer than {MAX_HEADER_BYTES} bytes")
        if end < 0:
            self._searched = len(self._buffer)
            return None
        self._searched = 0
        return self._take(end + 1).strip()

    def _take(self, count: int) -> bytes:
        with memoryview(self._buffer) as view:  # a slice of the buffer itself would be copied twice
            taken = bytes(view[:count])
        del self._buffer[:count]
        return taken


def bodies(read: Callable[[], bytes], max_body_bytes: int = MAX_BODY_BYTES) -> Iterator[bytes]:
    """Yield message bodies until `read` returns nothing; a header that cannot be understood raises FramingError."""
    decoder = Decoder(max_body_bytes)
    while received := read():
        yield from decoder.feed(received)


def frame(body: bytes) -> bytes:
    """Return `body` with its header."""
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def _parse_length(value: bytes, max_body_bytes: int) -> int:
    if not value.isdigit() or len(value) > len(str(max_body_bytes)) or int(value) > max_body_bytes:
        raise FramingError(f"Content-Length must be 0 to {max_body_bytes}, got {value[:32]!r}")
    return int(value)
