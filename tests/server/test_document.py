"""Documents: after any edits the text is the client's, in every unit, whatever the characters."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reliability.edits import edit
from tests.server.reference_text import ReferenceText

from foretype.model.tokens import encode
from foretype.model.window import AFTER_BYTES, TAIL_BYTES, Prefix
from foretype.server.document import Change, Document, Encoding, Position, split_lines

ENCODINGS: tuple[Encoding, ...] = get_args(Encoding)

TEXT = st.lists(
    st.sampled_from(["a", "b", " ", "\n", "\r\n", "\r", "\f", "\v", "\x85", "\u2028", "é", "e\u0301", "中", "😀"]),
    max_size=12,
).map("".join)
PLACES = st.builds(Position, st.integers(0, 8), st.integers(0, 10))


@given(TEXT, st.sampled_from(ENCODINGS), st.lists(st.builds(Change, PLACES, PLACES, TEXT), max_size=12), PLACES)
def test_any_edits_give_the_text_that_the_slow_way_gives(
    text: str, encoding: Encoding, changes: list[Change], caret: Position
) -> None:
    document, reference = Document(text, 0, encoding), ReferenceText(text, encoding)
    for change in changes:
        document.apply(change)
        reference.apply(change)
        assert document.text == reference.text
    offset = reference.offset(caret)
    before = reference.text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    assert document.prefix(caret) == Prefix.of(encode(before))
    rest = reference.text[offset:]
    assert document.suffix(caret) == rest.replace("\r\n", "\n").replace("\r", "\n")[:AFTER_BYTES]


def test_thousands_of_random_edits_never_diverge() -> None:
    assert edit(9000, seed=1) > 9000


@given(TEXT)
def test_lines_end_only_where_lsp_says(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert all(line for line in lines)
    for line in lines[:-1]:
        assert line.endswith(("\n", "\r"))
    for line in lines:
        content = line.removesuffix("\n").removesuffix("\r")
        assert "\n" not in content
        assert "\r" not in content


def test_a_form_feed_does_not_end_a_line() -> None:
    document = Document("a\fb\nc", 0, "utf-16")
    document.apply(Change(Position(1, 0), Position(1, 1), "d"))
    assert document.text == "a\fb\nd"


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_columns_count_in_the_unit_agreed_on(encoding: Encoding, column: int) -> None:
    document = Document("😀x", 0, encoding)
    document.apply(Change(Position(0, column), Position(0, column), "é"))
    assert document.text == "😀éx"


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 2), ("utf-16", 1)])
def test_a_column_within_a_character_stands_before_it(encoding: Encoding, column: int) -> None:
    document = Document("😀", 0, encoding)
    document.apply(Change(Position(0, column), Position(0, column), "x"))
    assert document.text == "x😀"


def test_a_lone_surrogate_is_kept_and_can_be_read() -> None:
    document = Document("a\ud83db", 0, "utf-16")
    document.apply(Change(Position(0, 2), Position(0, 2), "x"))
    assert document.text == "a\ud83dxb"
    assert document.prefix(Position(0, 9)).tail.endswith(b"xb")


def test_positions_beyond_the_text_are_its_end() -> None:
    for text in ("", "abc", "abc\n"):
        document = Document(text, 0, "utf-16")
        document.apply(Change(Position(99, 99), Position(99, 99), "!"))
        assert document.text == text + "!"


def test_a_prefix_of_a_long_document_is_its_last_bytes_only() -> None:
    text = "".join(f"line {number}\n" for number in range(15_000))
    prefix = Document(text, 0, "utf-16").prefix(Position(10_000, 3))
    expected = "".join(f"line {number}\n" for number in range(10_000)) + "lin"
    assert prefix == Prefix(expected.encode()[-TAIL_BYTES:], at_start=False)


@pytest.mark.parametrize(
    ("text", "character", "start", "word"),
    [
        ("self.na", 7, 5, "na"),
        ("x = ", 4, 4, ""),
        ("größe_1", 7, 0, "größe_1"),
        ("größe_1 + 1", 2, 0, "gr"),
        ("😀 = ab", 7, 5, "ab"),
        ("ab", 99, 0, "ab"),
        ("", 0, 0, ""),
    ],
)
def test_the_word_before_the_caret_begins_where_the_client_counts(
    text: str, character: int, start: int, word: str
) -> None:
    document = Document(text, 1, "utf-16")
    assert document.word_before(Position(0, character)) == (Position(0, start), word)


def test_the_word_before_a_place_past_the_end_is_empty() -> None:
    assert Document("ab\n", 1, "utf-8").word_before(Position(7, 3)) == (Position(1, 0), "")
