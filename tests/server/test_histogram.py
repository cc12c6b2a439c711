"""The histogram of latencies: percentiles of what was counted, within its promise."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretype.server.histogram import LEAST_MS, MOST_MS, bucket, percentile

PROMISED = 0.05
"""Relative error, as the module says."""


@given(st.lists(st.floats(LEAST_MS, MOST_MS), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_right_within_five_percent(latencies: list[float], share: float) -> None:
    exact = sorted(latencies)[math.ceil(share * len(latencies)) - 1]
    assert percentile(Counter(map(bucket, latencies)), share) == pytest.approx(exact, rel=PROMISED)


def test_what_is_faster_or_slower_than_can_be_told_counts_as_the_bound() -> None:
    assert percentile(Counter([bucket(0.0)]), 0.5) == LEAST_MS
    assert percentile(Counter([bucket(1e9)]), 0.5) == pytest.approx(MOST_MS, rel=PROMISED)
    assert bucket(math.inf) == bucket(MOST_MS)


def test_nothing_counted_has_no_percentile() -> None:
    assert percentile({}, 0.5) is None


@pytest.mark.parametrize("latency", [-1.0, math.nan])
def test_what_is_no_latency_is_refused(latency: float) -> None:
    with pytest.raises(ValueError, match="at least 0 ms"):
        bucket(latency)
