"""Duplicates: the same text, nearly the same text, and text that only looks alike."""

from __future__ import annotations

import random

import pytest

from foretype.training.near_duplicates import Seen

WORDS = [f"word{number}" for number in range(400)]


def text(seed: int, words: int = 600) -> list[str]:
    return random.Random(seed).choices(WORDS, k=words)


def test_the_same_text_is_a_duplicate_whatever_its_white_space() -> None:
    seen = Seen()
    assert seen.add(b"def f(x):\n    return x\n") is None
    assert seen.add(b"def f(x):\r\n\treturn x\r\n") == "duplicate"


def test_a_text_with_a_few_words_changed_is_a_near_duplicate() -> None:
    seen, words = Seen(), text(1)
    assert seen.add(" ".join(words).encode()) is None
    words[100] = words[300] = "changed"
    assert seen.add(" ".join(words).encode()) == "near duplicate"


def test_texts_with_the_same_words_in_another_order_are_not() -> None:
    seen = Seen()
    assert [seen.add(" ".join(text(seed)).encode()) for seed in range(30)] == [None] * 30


def test_short_texts_are_compared_too() -> None:
    seen = Seen()
    assert seen.add(b"x = 1") is None
    assert seen.add(b"y = 2") is None
    assert seen.add(b"") is None


@pytest.mark.parametrize(
    "texts",
    [
        ["Утром шёл дождь, и мы остались дома.\n", "Список покупок: молоко, хлеб, яйца, масло и сыр.\n"],
        ["会议记录、下一个版本的发布计划。\n", "今天的天气很好、我们去公园散步。\n"],
        ["+-+-+\n|   |\n", "====\n"],
    ],
)
def test_texts_without_a_letter_of_ascii_are_told_apart_and_known_again(texts: list[str]) -> None:
    seen = Seen()
    assert [seen.add(text.encode() * 4) for text in texts] == [None, None]
    assert [seen.add(text.encode() * 4) for text in texts] == ["duplicate", "duplicate"]


def test_a_text_in_another_script_with_a_few_words_changed_is_a_near_duplicate() -> None:
    seen, words = Seen(), [word.replace("word", "слово") for word in text(2)]
    assert seen.add(" ".join(words).encode()) is None
    words[100] = words[300] = "другое"
    assert seen.add(" ".join(words).encode()) == "near duplicate"
