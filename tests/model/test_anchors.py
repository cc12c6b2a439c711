"""Anchors: one pass finds what searching for each word finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from foretype.model.anchors import Anchors

WORDS = st.lists(st.text("ab-\0", min_size=2, max_size=5).map(str.encode), min_size=1, max_size=12)


def searched(words: list[bytes], text: bytes) -> list[tuple[int, int]]:
    return [
        (place, number)
        for place in range(len(text))
        for number, word in enumerate(words)
        if text[place : place + len(word)] == word
    ]


@given(WORDS, st.text("ab-\0", max_size=60).map(str.encode))
def test_every_place_of_every_word_is_found(words: list[bytes], text: bytes) -> None:
    found = [*Anchors(words).places(text)]
    assert sorted(found) == searched(words, text)
    assert [place for place, _ in found] == sorted(place for place, _ in found)


def test_more_places_than_are_listed_at_a_time_are_all_found() -> None:
    words = [b"aa", b"aaa", b"xa"]
    text = b"a" * 3000 + b"xa"
    assert sorted(Anchors(words).places(text)) == searched(words, text)
