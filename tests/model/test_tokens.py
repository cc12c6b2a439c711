"""Tokens: every text goes in, only valid text comes out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from foretype.model.tokens import (
    BEGIN,
    DOCUMENT,
    EXCERPT,
    PATH,
    REJECT,
    START,
    allowed_tokens,
    encode,
    excerpt_header,
    header,
    utf8_transitions,
)


def accepts(content: bytes) -> bool:
    situation = START
    for byte in content:
        situation = int(utf8_transitions()[situation, byte])
        if situation == REJECT:
            return False
    return situation == START


def is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@given(st.binary(max_size=8))
def test_the_automaton_accepts_exactly_what_python_decodes(content: bytes) -> None:
    assert accepts(content) == is_utf8(content)


def test_the_automaton_agrees_with_python_on_every_character() -> None:
    for point in range(0x110000):
        if not 0xD800 <= point <= 0xDFFF:
            assert accepts(chr(point).encode())


def test_the_automaton_agrees_with_python_on_every_pair_of_bytes() -> None:
    for first in range(256):
        for second in range(256):
            content = bytes([first, second])
            assert accepts(content) == is_utf8(content)


def test_control_characters_are_never_generated_but_tab_and_newline_are() -> None:
    generated = set(np.flatnonzero(allowed_tokens()[START]))
    assert {ord("\t"), ord("\n"), ord(" "), ord("~")} <= generated
    assert not generated & {0x00, 0x1B, 0x0D, 0x7F, BEGIN, PATH, DOCUMENT, EXCERPT}


@given(st.text())
def test_encoded_text_contains_no_control_symbol(text: str) -> None:
    assert not set(encode(text)) & {BEGIN, PATH, DOCUMENT, EXCERPT}


def test_a_lone_surrogate_is_encoded_instead_of_raising() -> None:
    assert len(encode("a\ud800b")) == 5


def test_a_header_is_the_same_for_both_kinds_of_slash_and_names_the_last_parts_only() -> None:
    assert header("/home/me/project/src/app.py", "python") == header("C:\\x\\project\\src\\app.py", "python")
    assert header("", "") == bytes([BEGIN, PATH, DOCUMENT])
    assert excerpt_header(header("a.py", "python")) == header("a.py", "python")[:-1] + bytes([EXCERPT])
