"""Pieces: a text is cut where its bytes change in kind, and growing never changes where it was cut before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretype.model.pieces import ENDS, KINDS, OPEN, pieces, transitions
from foretype.model.tokens import BEGIN, DOCUMENT, header

TEXTS = (
    st.binary(max_size=40)
    | st.text(max_size=40).map(str.encode)
    | st.text("ab1_ \n\t.(é”", max_size=40).map(str.encode)
)


def cut(text: bytes) -> list[bytes]:
    return [piece for piece, _ in pieces(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the cat sat", ["the", " cat", " sat"]),
        ("    if x == 1:\n\n\t\treturn", ["    ", "if", " x", " ==", " 1", ":", "\n\n\t\t", "return"]),
        ("self.name_2('é')", ["self", ".", "name_2", "('", "é", "')"]),
        ("he said “so”…", ["he", " said", " “", "so", "”…"]),
        ("a  b\tc \td", ["a", "  ", "b", "\t", "c", " \t", "d"]),
        ("two  lines \n \n", ["two", "  ", "lines", " ", "\n ", "\n"]),
        ("", []),
    ],
)
def test_words_marks_blanks_and_line_ends_are_pieces(text: str, expected: list[str]) -> None:
    assert cut(text.encode()) == [piece.encode() for piece in expected]


def test_control_symbols_stand_alone() -> None:
    opened = cut(header("src/a.py", "python") + b"\x00\x00")
    assert opened[0] == bytes([BEGIN])
    assert opened[-3:] == [bytes([DOCUMENT]), b"\0", b"\0"]


@given(TEXTS)
def test_joined_the_pieces_are_the_text(text: bytes) -> None:
    assert b"".join(cut(text)) == text


@given(TEXTS, TEXTS)
def test_a_text_that_grows_keeps_all_pieces_but_its_last(text: bytes, more: bytes) -> None:
    kept = cut(text)[:-1]
    assert cut(text + more)[: len(kept)] == kept


@given(st.text(max_size=40))
def test_no_character_is_cut(text: str) -> None:
    for piece in cut(text.encode()):
        piece.decode()


@given(TEXTS)
def test_a_piece_is_a_piece_by_itself_as_well(text: bytes) -> None:
    for piece, kind in pieces(text):
        assert list(pieces(piece)) == [(piece, kind)]


def test_every_byte_begins_a_piece_and_every_kind_has_bytes_that_end_it() -> None:
    assert (transitions()[OPEN] != ENDS).all()
    assert all((transitions()[kind] == ENDS).any() for kind in range(KINDS) if kind != OPEN)
