"""How long answers took, counted in buckets whose bounds grow by a tenth: percentiles are right within 5 %.

So a day of latencies is at most as many numbers as there are buckets, and days can be added up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

LEAST_MS = 0.05
"""Nobody can tell what is faster from nothing."""
MOST_MS = 10_000.0
RATIO = 1.1
"""From one bound to the next; the middle of a bucket is then less than 5 % from anything in it."""

_LAST = math.ceil(math.log(MOST_MS / LEAST_MS, RATIO))


def bucket(milliseconds: float) -> int:
    """Return the bucket of a latency, from 0; anything but a number that is at least 0 raises ValueError."""
    if not milliseconds >= 0:  # says no to nan as well
        raise ValueError(f"a latency must be at least 0 ms, got {milliseconds}")
    if milliseconds >= MOST_MS:
        return _LAST
    return max(0, math.ceil(math.log(max(milliseconds, LEAST_MS) / LEAST_MS, RATIO)))


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Return the latency in milliseconds that this share of all (0 to 1) does not exceed; None without any."""
    wanted = max(1, math.ceil(share * sum(counts.values())))
    seen = 0
    for number in sorted(counts):
        seen += counts[number]
        if seen >= wanted:
            return _middle(number)
    return None


def _middle(number: int) -> float:
    return LEAST_MS if number <= 0 else min(LEAST_MS * RATIO ** (number - 0.5), MOST_MS)
