"""The shift of confidence that real outcomes ask for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretype.server.recalibration import LIMIT, PRIOR_SD, bias, logit, sigmoid

PRECISE = 1e-7
"""Of sums over at most some hundred outcomes, in double precision."""

confidences = st.floats(0, 1)
outcomes = st.lists(st.tuples(confidences, st.booleans()), max_size=60)


def slope(pairs: list[tuple[float, bool]], shift: float) -> float:
    """Return the derivative of the negative log posterior, written down a second time."""
    return sum(sigmoid(logit(confidence) + shift) - right for confidence, right in pairs) + shift / PRIOR_SD**2


def test_without_outcomes_nothing_is_shifted() -> None:
    assert bias([]) == 0


@given(outcomes)
def test_the_shift_is_the_optimum_within_its_limit(pairs: list[tuple[float, bool]]) -> None:
    found = bias(pairs)
    assert abs(found) <= LIMIT
    if found >= LIMIT - PRECISE:
        assert slope(pairs, found) < PRECISE
    elif found <= -LIMIT + PRECISE:
        assert slope(pairs, found) > -PRECISE
    else:
        assert slope(pairs, found) == pytest.approx(0, abs=PRECISE)


@given(outcomes, confidences)
def test_one_more_right_outcome_never_lowers_it(pairs: list[tuple[float, bool]], confidence: float) -> None:
    assert bias([*pairs, (confidence, True)]) >= bias(pairs) - PRECISE
    assert bias([*pairs, (confidence, False)]) <= bias(pairs) + PRECISE


@given(outcomes, st.integers(0, 59))
def test_a_wrong_outcome_that_proves_right_never_lowers_it(pairs: list[tuple[float, bool]], which: int) -> None:
    mended = [(confidence, right or number == which) for number, (confidence, right) in enumerate(pairs)]
    assert bias(mended) >= bias(pairs) - PRECISE


def test_a_single_surprise_moves_little_and_many_move_it_to_the_limit() -> None:
    assert 0 < bias([(0.5, True)]) < 0.15
    assert bias([(0.01, True)] * 500) == pytest.approx(LIMIT)
    assert bias([(0.99, False)] * 500) == pytest.approx(-LIMIT)


def test_many_outcomes_make_confidence_as_right_as_they_were() -> None:
    shift = bias([(0.8, number % 2 == 0) for number in range(500)])
    assert sigmoid(logit(0.8) + shift) == pytest.approx(0.5, abs=0.02)  # the prior keeps a little of what was promised
