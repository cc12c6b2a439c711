"""Framing: every way a client may write headers is read, every way to lose the stream ends it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretype.server.framing import FramingError, bodies, frame


def read_all(stream: bytes, piece: int = 7, limit: int = 1000) -> list[bytes]:
    pieces = iter([stream[start : start + piece] for start in range(0, len(stream), piece)])
    return list(bodies(lambda: next(pieces, b""), limit))


@given(st.lists(st.binary(max_size=200), max_size=6), st.integers(1, 50))
def test_what_was_framed_is_read_back_however_it_arrives(contents: list[bytes], piece: int) -> None:
    assert read_all(b"".join(map(frame, contents)), piece) == contents


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 2\r\n\r\n",
        b"content-length: 2\r\n\r\n",
        b"CONTENT-LENGTH:2\r\n\r\n",
        b"Content-Length: 2\n\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n",
        b"\r\n\r\nContent-Length: 2\r\n\r\n",
        b"Hello\r\nContent-Length: 2\r\n\r\n",
    ],
)
def test_headers_are_read_in_any_case_order_and_line_end(header: bytes) -> None:
    assert read_all(header + b"{}" + frame(b"[]")) == [b"{}", b"[]"]


@pytest.mark.parametrize("length", [b"-5", b"abc", b"", b"1001", b"1" + b"0" * 30, b"9" * 5000, b"+1", b"0x10"])
def test_a_length_that_cannot_be_used_ends_the_stream(length: bytes) -> None:
    with pytest.raises(FramingError, match="Content-Length"):
        read_all(b"Content-Length: " + length + b"\r\n\r\n{}")


def test_an_endless_header_ends_the_stream_instead_of_filling_memory() -> None:
    with pytest.raises(FramingError, match="header line"):
        list(bodies(lambda: b"x" * 4096))


def test_a_stream_that_ends_in_the_middle_yields_no_half_message() -> None:
    assert read_all(frame(b"{}") + b"Content-Length: 10\r\n\r\n{") == [b"{}"]
    assert read_all(b"Content-Len") == []
