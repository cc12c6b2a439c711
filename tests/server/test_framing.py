"""Framing: every way a client may write headers is read, every way to lose the stream ends it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.server.streams import LIMIT, read_pieces

from foretype.server.framing import MAX_BODY_BYTES, MAX_HEADER_BYTES, Decoder, FramingError, bodies, frame


def read_all(stream: bytes, piece: int = 7, limit: int = LIMIT) -> list[bytes]:
    pieces = iter([stream[start : start + piece] for start in range(0, len(stream), piece)])
    return list(bodies(lambda: next(pieces, b""), limit))


@given(st.lists(st.binary(max_size=200), max_size=6), st.integers(1, 50))
def test_what_was_framed_is_read_back_however_it_arrives(contents: list[bytes], piece: int) -> None:
    assert read_all(b"".join(map(frame, contents)), piece) == contents


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({min(place, len(stream)) for place in places} | {len(stream)})
    return [stream[start:end] for start, end in pairwise([0, *ends])]


stream_parts = st.one_of(
    st.binary(max_size=60),
    st.binary(max_size=60).map(frame),
    st.sampled_from([b"\r\n", b"\n", b"content-length:1\n\n[", b"Content-Length: 1001\r\n", b"Hello\r\n"]),
    st.integers(MAX_HEADER_BYTES - 2, MAX_HEADER_BYTES + 2).map(lambda count: b"x" * count + b"\n"),
)


@given(st.lists(stream_parts, max_size=6).map(b"".join), st.lists(st.integers(0, 2000), max_size=8))
def test_however_a_stream_is_cut_the_same_bodies_and_the_same_error_come_out(stream: bytes, places: list[int]) -> None:
    assert read_pieces(cut(stream, places)) == read_pieces([stream])


def test_a_body_of_the_greatest_length_in_small_pieces_is_copied_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    take = Decoder._take

    def note(decoder: Decoder, count: int) -> bytes:
        taken.append(count)
        return take(decoder, count)

    monkeypatch.setattr(Decoder, "_take", note)
    body = bytes(MAX_BODY_BYTES)
    stream, decoder = frame(body), Decoder()
    found = [b for at in range(0, len(stream), 1 << 16) for b in decoder.feed(stream[at : at + (1 << 16)])]
    assert found == [body]
    assert sum(taken) == len(stream)


def test_a_line_that_arrives_in_crumbs_is_searched_once() -> None:
    class Searched(bytearray):
        seen = 0

        def find(self, what: bytes, start: int = 0) -> int:  # type: ignore[override]  # as it is called here
            Searched.seen += len(self) - start
            return super().find(what, start)

    decoder = Decoder()
    decoder._buffer = Searched()
    for _ in range(MAX_HEADER_BYTES // 16):
        assert list(decoder.feed(b"x" * 16)) == []
    assert Searched.seen == MAX_HEADER_BYTES


def test_the_longest_body_may_change_between_two_messages() -> None:
    decoder = Decoder(10)
    assert list(decoder.feed(frame(b"x" * 10))) == [b"x" * 10]
    decoder.max_body_bytes = 20
    assert list(decoder.feed(frame(b"x" * 20))) == [b"x" * 20]


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


@pytest.mark.parametrize(
    ("stream", "lost"),
    [
        (b"Content-Length: 3\r\n\r\n" + b'{"id":1}', 0),  # too short
        (b"Content-Length: 12\r\n\r\n" + b'{"id":1}', 1),  # too long: it swallows part of the next header
        (b'X: 1\r\n\r\n{"id":1}', 0),  # none
        (b"Hello", 0),
    ],
)
def test_after_a_wrong_length_the_stream_is_found_again(stream: bytes, lost: int) -> None:
    following = [b'{"id":2}', b'{"id":3}', b'{"id":4}']
    read = read_all(stream + b"".join(frame(body) for body in following))
    assert read[-3 + lost :] == following[lost:]


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
