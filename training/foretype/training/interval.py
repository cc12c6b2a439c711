"""How far a ratio over some items may be trusted: its interval by resampling them. Knows nothing of what they are.

Source: bootstrap, Efron 1979 ("Bootstrap Methods: Another Look at the Jackknife"), percentile intervals.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_RESAMPLINGS = 1000
_CONFIDENCE = 0.95
_LEAST = 1e-9
"""Of a whole: where there is nothing, there is no part of it either."""


Counts = Sequence[float]
"""One number for every item."""


def interval(parts: Counts, wholes: Counts, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of the sum of `parts` over the sum of `wholes`."""
    return _interval(_resampled(parts, wholes, seed))


def interval_of_difference(
    first: tuple[Counts, Counts], second: tuple[Counts, Counts], seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of how much more one ratio of parts and wholes is than the first, of the same items."""
    return _interval(_resampled(*second, seed) - _resampled(*first, seed))


def _resampled(parts: Counts, wholes: Counts, seed: int) -> NDArray[np.float64]:
    """Return the ratio in each resampling; the same seed chooses the same items."""
    numerators, denominators = np.array(parts, np.float64), np.array(wholes, np.float64)
    chosen = np.random.default_rng(seed).integers(len(numerators), size=(_RESAMPLINGS, len(numerators)))
    return np.asarray(numerators[chosen].sum(axis=1) / np.maximum(denominators[chosen].sum(axis=1), _LEAST))


def _interval(ratios: NDArray[np.float64]) -> tuple[float, float]:
    tail = (1 - _CONFIDENCE) / 2
    return float(np.quantile(ratios, tail)), float(np.quantile(ratios, 1 - tail))
