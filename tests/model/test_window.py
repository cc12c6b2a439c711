"""The window: where reading starts depends on the text before the caret and on nothing else."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from foretype.model.window import NETWORK, TAIL_BYTES, Prefix, window

LINES = [f"    value_{number} = compute({number * 7919 % 1000}, name)\n".encode() for number in range(2000)]
LONG = b"".join(LINES)


def test_a_short_text_is_read_whole() -> None:
    assert window(Prefix.of(b"")) == b""
    assert window(Prefix.of(LONG[: NETWORK.farthest])) == LONG[: NETWORK.farthest]


def test_a_long_text_is_read_from_a_line_start_within_reach() -> None:
    for end in range(NETWORK.farthest + 1, 3 * NETWORK.farthest, 37):
        read = window(Prefix.of(LONG[:end]))
        assert LONG[:end].endswith(read)
        assert NETWORK.nearest <= len(read) <= NETWORK.farthest
        assert LONG[end - len(read) - 1 : end - len(read)] == b"\n"


def test_more_text_further_up_changes_nothing() -> None:
    text = LONG[-2 * NETWORK.farthest :]
    assert window(Prefix.of(text)) == window(Prefix.of(b"something else\n" * 999 + text))


def test_typing_moves_the_start_rarely() -> None:
    starts = {end - len(window(Prefix.of(LONG[:end]))) for end in range(20_000, 30_000)}
    assert len(starts) < 15


def test_an_endless_line_is_read_from_within_it() -> None:
    text = random.Random(0).randbytes(3 * NETWORK.farthest).replace(b"\n", b" ")
    read = window(Prefix.of(text))
    assert text.endswith(read)
    assert NETWORK.nearest <= len(read) <= NETWORK.farthest


@given(st.integers(0, 3 * NETWORK.farthest), st.sampled_from([b"x = 1\n", b"\n", b"ab", b"\xf0\x9f\x98\x80\n"]))
def test_any_text_is_read_to_its_end_and_never_too_far(length: int, unit: bytes) -> None:
    text = (unit * (length // len(unit) + 1))[:length]
    read = window(Prefix.of(text))
    assert text.endswith(read)
    assert min(length, NETWORK.nearest) <= len(read) <= NETWORK.farthest


def test_a_prefix_keeps_no_more_than_a_window_needs() -> None:
    prefix = Prefix.of(LONG)
    assert len(prefix.tail) == TAIL_BYTES
    assert not prefix.at_start
