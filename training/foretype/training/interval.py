"""How far a ratio over some items may be trusted: its interval by resampling them. Knows nothing of what they are.

Source: bootstrap, Efron 1979 ("Bootstrap Methods: Another Look at the Jackknife"), percentile intervals.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_RESAMPLINGS = 1000
_CONFIDENCE = 0.95


def interval(parts: Sequence[float], wholes: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of the sum of `parts` over the sum of `wholes`, one of each for every item."""
    numerators, denominators = np.array(parts), np.array(wholes)
    chosen = np.random.default_rng(seed).integers(len(numerators), size=(_RESAMPLINGS, len(numerators)))
    ratios = numerators[chosen].sum(axis=1) / denominators[chosen].sum(axis=1)
    tail = (1 - _CONFIDENCE) / 2
    return float(np.quantile(ratios, tail)), float(np.quantile(ratios, 1 - tail))
