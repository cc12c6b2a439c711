"""Choose the next token from logits: temperature, min-p, a mask that keeps the text valid, and a seed.

Order: mask, then min-p on the untempered distribution, then temperature. So the temperature decides how the
candidates are shared out, never which bytes are candidates, and a high one stays readable.
Source: min-p, Nguyen et al. 2024 ("Turning Up the Heat", equation 2); temperature, Ackley et al. 1985.
Knows nothing of text, states or engines.
"""

from __future__ import annotations

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


def sample(distribution: NDArray[np.float64], sampling: Sampling, uniform: float) -> int:
    """Return a token from `distribution` (V,); `uniform` in [0, 1) is the draw, unused at temperature 0.

    At temperature 0 this is the likeliest token, the lowest of equals.
    """
    likeliest = int(np.argmax(distribution))
    if sampling.temperature == 0:
        return likeliest
    # in logarithms and relative to the likeliest, so that temperatures near 0 neither overflow nor vanish
    with np.errstate(divide="ignore", over="ignore"):
        relative = np.log(distribution / distribution[likeliest])
        weights = np.exp(relative / sampling.temperature)
    weights[distribution < sampling.min_p * distribution[likeliest]] = 0.0
    cumulative = np.cumsum(weights)
    return int(np.searchsorted(cumulative, uniform * cumulative[-1], side="right"))


def generator(seed: int, text: bytes) -> np.random.Generator:
    """Return random numbers that depend on `seed` and `text` alone: the same text gets the same suggestion."""
    digest = blake2b(text, digest_size=8, key=(seed % 2**64).to_bytes(8, "little")).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))
