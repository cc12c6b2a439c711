"""Choose the next token from logits: temperature, min-p, a mask that keeps the text valid, and a seed.

Order: mask, then min-p on the untempered distribution, then temperature. So the temperature decides how the
candidates are shared out, never which bytes are candidates, and a high one stays readable.
Source: min-p, Nguyen et al. 2024 ("Turning Up the Heat", equation 2); temperature, Ackley et al. 1985.
Knows nothing of text, states or engines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Sampling:
    """Say how to choose; a wrong value raises ValueError at construction."""

    temperature: float = 0.6
    """0 takes the likeliest token always; 1 samples the network's own distribution; above 1 flattens it."""
    min_p: float = 0.05
    """A token is a candidate if it is at least this share as likely as the likeliest."""

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < np.inf:
            raise ValueError(f"temperature must be 0 or more, got {self.temperature}")
        if not 0 <= self.min_p <= 1:
            raise ValueError(f"min_p must be between 0 and 1, got {self.min_p}")


def probabilities(logits: NDArray[np.floating], allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the distribution of logits (..., V) over the allowed tokens (same shape): float64, sums to one.

    At least one token must be allowed.
    """
    masked = np.where(allowed, logits, -np.inf).astype(np.float64)
    weights = np.exp(masked - masked.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def restrict(distributions: NDArray[np.float64], allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return distributions (..., V) over the allowed tokens alone (same shape), summing to one again.

    At least one token must be allowed and have a probability above 0.
    """
    kept = np.where(allowed, distributions, 0.0)
    return np.asarray(kept / kept.sum(axis=-1, keepdims=True))


def sample(
    distributions: NDArray[np.float64], samplings: Sequence[Sampling], uniforms: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Return one token (B,) from each of the distributions (B, V); `uniforms` (B,) in [0, 1) are the draws.

    At temperature 0 the draw is not used and the token is the likeliest, the lowest of equals.
    """
    temperatures = np.array([sampling.temperature for sampling in samplings])[:, None]
    min_p = np.array([sampling.min_p for sampling in samplings])[:, None]
    likeliest = distributions.argmax(axis=1)
    top = distributions.max(axis=1, keepdims=True)
    # in logarithms and relative to the likeliest, so that temperatures near 0 neither overflow nor vanish
    with np.errstate(divide="ignore", over="ignore"):
        weights = np.exp(np.log(distributions / top) / np.where(temperatures > 0, temperatures, 1.0))
    weights[distributions < min_p * top] = 0.0
    cumulative = weights.cumsum(axis=1)
    total = cumulative[:, -1:]
    target = np.minimum(uniforms[:, None] * total, np.nextafter(total, 0))  # rounding must not pass the last one
    drawn = (cumulative <= target).sum(axis=1)
    return np.asarray(np.where(temperatures[:, 0] > 0, drawn, likeliest), np.intp)


def generator(seed: int, text: bytes) -> np.random.Generator:
    """Return random numbers that depend on `seed` and `text` alone: the same text gets the same suggestion."""
    digest = blake2b(text, digest_size=8, key=(seed % 2**64).to_bytes(8, "little")).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))
