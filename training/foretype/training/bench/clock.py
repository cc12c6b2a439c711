"""How long a piece of work takes: medians of many runs, so that what else the machine does counts little."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

WARM_UPS = 20
RUNS = 300


def median_us(work: Callable[[], object], runs: int | None = None) -> float:
    """Return the median microseconds of `work`, of `RUNS` runs if not told otherwise."""
    for _ in range(WARM_UPS):
        work()
    return float(np.median([seconds(work) for _ in range(runs or RUNS)])) * 1e6


def seconds(work: Callable[[], object]) -> float:
    """Return how long one run takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def percentiles(of: str, times: list[float]) -> dict[str, float]:
    """Return the median and the 99th percentile of some milliseconds under names that begin with `of`."""
    return {f"{of}p50_ms": float(np.percentile(times, 50)), f"{of}p99_ms": float(np.percentile(times, 99))}
