"""Vocabularies: encoding loses nothing, what is frequent is a token, and what is damaged is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import WORDS

from foretype.model.tokens import START, header, utf8_transitions
from foretype.model.vocabulary import BYTES, Vocabulary

TEXT = b"the cat sat on the mat\n" * 6 + b"a hapax\n"
TEXTS = st.binary(max_size=40) | st.lists(st.sampled_from(["the", " cat", "\n", "x", " ", "é", "."])).map(
    lambda parts: "".join(parts).encode()
)


@given(TEXTS)
def test_decoding_undoes_encoding(text: bytes) -> None:
    for vocabulary in (WORDS, BYTES):
        assert vocabulary.decode(vocabulary.encode(text)) == text


def test_a_frequent_piece_is_one_token_and_a_rare_one_is_spelt() -> None:
    vocabulary = Vocabulary.of([TEXT], most=100)
    assert b" cat" in vocabulary.pieces
    assert len(vocabulary.encode(b" cat")) == 1
    assert not any(b"hapax" in piece for piece in vocabulary.pieces)
    np.testing.assert_array_equal(vocabulary.encode(b" hapax"), np.frombuffer(b" hapax", np.uint8))


def test_the_commonest_pieces_come_into_a_vocabulary_that_is_too_small_for_all() -> None:
    texts = [b"often " * 9, b"seldom " * 5]
    assert Vocabulary.of(texts, most=1).pieces == (b" often",)
    assert Vocabulary.of(texts, most=9) == Vocabulary.of(reversed(texts), most=9)


def test_bytes_and_control_symbols_are_their_own_tokens() -> None:
    opening = header("a.py", "python")
    assert list(BYTES.encode(opening)) == list(opening)
    tokens = WORDS.encode(opening)
    assert [token for token in tokens if token in (0xFF, 0xFE, 0xFC)] == [0xFF, 0xFE, 0xFC]


def test_pieces_that_begin_alike_are_found_with_their_bytes() -> None:
    found = WORDS.beginning_with(b"th")
    assert [WORDS.decode([token]) for token in found] == [b"th", b"the", b"there"]
    assert WORDS.bytes_at(found[1:], 2).tobytes() == b"ee"
    assert not WORDS.beginning_with(b"zz")


def test_tokens_of_whole_characters_are_allowed_between_characters_only() -> None:
    within = int(utf8_transitions()[START, 0xC3])
    allowed = WORDS.allowed(np.array([START, within]))
    assert allowed.shape == (2, WORDS.size)
    assert allowed[0, 256:].all()
    assert not allowed[1, 256:].any()
    assert not allowed[0, 0xFF]
    after = WORDS.after(np.array([START, START, within]), np.array([256, 0xC3, 0xA9]))
    assert after.tolist() == [START, within, START]


def test_what_was_saved_comes_back() -> None:
    odd = Vocabulary((b"\n\n", " größe".encode(), b"\xe9\xe9"))
    assert Vocabulary.from_json(odd.to_json()) == odd


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[1]", b'["b b"]', b'["bb", "aa"]', b'["aa", "aa"]', b'["a"]', json.dumps(["a" * 99]).encode()],
)
def test_what_is_no_vocabulary_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Vocabulary.from_json(content)
