"""What real outcomes say about confidence: the shift in logits that makes it as right as suggestions proved to be.

A logistic curve with nothing to learn but its offset, and a Gaussian prior on that, so that few outcomes move little:
the intercept of Platt's scaling (1999), as a MAP estimate. Knows nothing of where outcomes are kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

PRIOR_SD = 0.5
"""How far the shipped calibration is expected to be off for somebody, in logits."""
LIMIT = 2.0
"""The furthest shift, in logits."""

_NEARLY = 1e-6
_PRECISE = 1e-12
_MOST_STEPS = 100


def bias(outcomes: Sequence[tuple[float, bool]]) -> float:
    """Return the shift for pairs of a confidence without any shift and whether the suggestion was right; 0 for none."""
    logits = [logit(confidence) for confidence, _ in outcomes]
    rights = sum(right for _, right in outcomes)
    low, high, found = -LIMIT, LIMIT, 0.0
    for _ in range(_MOST_STEPS):
        slope, bend = _derivatives(logits, rights, found)
        low, high = (low, found) if slope > 0 else (found, high)
        step = found - slope / bend  # Newton
        following = step if low <= step <= high else (low + high) / 2
        if abs(following - found) < _PRECISE:
            return following
        found = following
    return found


def logit(confidence: float) -> float:
    """Return the logit of a confidence, finite also where that is 0 or 1."""
    bounded = min(max(confidence, _NEARLY), 1 - _NEARLY)
    return math.log(bounded / (1 - bounded))


def sigmoid(logit: float) -> float:
    """Return the confidence of a logit."""
    return 1 / (1 + math.exp(-logit)) if logit >= 0 else 1 - 1 / (1 + math.exp(logit))


def _derivatives(logits: Sequence[float], rights: int, shift: float) -> tuple[float, float]:
    """Return the first and second derivative of the negative log posterior by the shift; the second is positive."""
    promised = [sigmoid(logit + shift) for logit in logits]
    precision = 1 / PRIOR_SD**2
    return sum(promised) - rights + precision * shift, sum(p * (1 - p) for p in promised) + precision
