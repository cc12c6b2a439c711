"""Read a stream in pieces, for tests of framing that look at it from several sides."""

from __future__ import annotations

from collections.abc import Sequence

from foretype.server.framing import Decoder, FramingError

LIMIT = 1000
"""The longest body that these tests allow."""


def read_pieces(pieces: Sequence[bytes], limit: int = LIMIT) -> tuple[list[bytes], str | None]:
    """Return the bodies and the error that ended the stream, if one did."""
    decoder, found = Decoder(limit), []
    try:
        for piece in pieces:
            for body in decoder.feed(piece):
                found.append(body)  # noqa: PERF402  # what came before an error counts
    except FramingError as error:
        return found, str(error)
    return found, None
