"""Duplicates: the same text, nearly the same text, and text that only looks alike."""

from __future__ import annotations

import random

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
