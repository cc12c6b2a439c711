"""Trust: a probability is worth what the calibration says, and a document's record moves it both ways."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretype.model.calibration import UNCALIBRATED, Look, Record, confidence


def look(probability: float, length: int = 7) -> Look:
    return Look(math.log(probability), length, typed=2, known=True)


@pytest.mark.parametrize("probability", [1e-6, 0.02, 0.5, 0.99])
def test_without_calibration_the_probability_is_the_confidence(probability: float) -> None:
    assert abs(confidence(UNCALIBRATED, look(probability)) - probability) < 1e-4
    assert 0.99 < confidence(UNCALIBRATED, look(1.0)) < 1


def typed(record: Record, pieces: list[bytes]) -> None:
    before = record._before
    for piece in pieces:
        before += piece
        record.follow(before)


def test_a_record_falls_with_wrong_suggestions_and_rises_with_right_ones() -> None:
    record = Record()
    record.follow(b"")
    record.note(b"abc", 0.5)
    typed(record, [b"a", b"b"])
    assert record.bias == 0  # nobody knows yet
    typed(record, [b"c"])
    assert record.bias > 0
    record.note(b"xyz", 0.9)
    risen = record.bias
    typed(record, [b"x", b"q"])
    assert record.bias < risen


def test_a_suggestion_that_is_accepted_whole_was_right_at_once() -> None:
    record = Record()
    record.follow(b"a" * 100)
    record.note(b"name(x)", 0.4)
    typed(record, [b"name(x)"])
    assert record.bias > 0


def test_the_rest_of_a_suggestion_is_no_second_suggestion() -> None:
    once, twice = Record(), Record()
    for record in (once, twice):
        record.follow(b"")
        record.note(b"abc", 0.5)
        typed(record, [b"a"])
    twice.note(b"bc", 0.5)
    for record in (once, twice):
        typed(record, [b"b", b"c"])
    assert once.bias == twice.bias


def test_an_edit_elsewhere_settles_nothing() -> None:
    record = Record()
    record.follow(b"one two")
    record.note(b" three", 0.9)
    record.follow(b"another line")
    assert record.bias == 0
    typed(record, [b" three"])
    assert record.bias == 0


@given(st.lists(st.tuples(st.sampled_from([b"a", b"ab", b"\n"]), st.floats(0, 1)), max_size=60))
def test_a_record_stays_within_its_limits(steps: list[tuple[bytes, float]]) -> None:
    record = Record()
    record.follow(b"")
    for piece, sure in steps:
        record.note(b"ab", sure)
        typed(record, [piece])
        assert -2 <= record.bias <= 2


def test_a_suggestion_within_a_ruler_that_is_typed_counts_as_right() -> None:
    record = Record()
    record.follow(b"-" * 100)
    record.note(b"-----", 0.5)
    record.follow(b"-" * 103)
    assert record.bias == 0
    record.follow(b"-" * 105 + b"\n")
    assert record.bias > 0
