"""Columns: nothing of a text is lost, nothing is wider than the terminal, and what has no room stands below."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from foretype.server.columns import side_by_side

_TEXTS = st.lists(st.text("ab \n", max_size=80), min_size=1, max_size=6)


def test_each_text_stands_in_a_column_of_its_own() -> None:
    shown = side_by_side(["T = 0", "T = 1"], ["the company\nof", "0123456789012345678901234567"], 42)
    assert shown.splitlines() == [
        "T = 0                 T = 1",
        "-----                 -----",
        "the company           01234567890123456789",
        "of                    01234567",
    ]


def test_columns_that_would_be_too_narrow_stand_below_the_others() -> None:
    shown = side_by_side(["one", "two", "three"], ["1", "2", "3"], 40)
    assert [line.split() for line in shown.splitlines() if line] == [
        ["one", "two"], ["---", "---"], ["1", "2"], ["three"], ["-----"], ["3"],
    ]  # fmt: skip


@given(_TEXTS, st.integers(16, 200))
def test_no_line_is_wider_than_the_terminal_and_no_character_is_lost(texts: list[str], width: int) -> None:
    lines = side_by_side(["t"] * len(texts), texts, width).splitlines()
    assert max(map(len, lines)) <= width
    shown = "".join(lines)
    for letter in "ab":
        assert shown.count(letter) == sum(text.count(letter) for text in texts)


def test_wide_characters_take_two_cells_and_marks_none() -> None:
    shown = side_by_side(["a", "b"], ["\u6f22" * 9, unicodedata.normalize("NFD", "\u00e9" * 16)], 34)
    assert shown.splitlines()[2:] == ["\u6f22" * 8 + "  " + "e\u0301" * 16, "\u6f22"]
