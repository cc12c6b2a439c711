"""The learnt constants: how much each kind of evidence counts, how experts are weighed, how far to trust the result.

They are arrays in a safetensors file that ships with the package; what they mean is in native/blend.h and mixture.h.
Knows nothing of how they are learnt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from foretype.model import atomic
from foretype.model.errors import CheckpointError
from foretype.model.native import shape

_FILE = "mixture.safetensors"

_FEW_TYPED = 3
"""So many characters of a word leave little doubt which one it is."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Mixture:
    """Hold the constants, float32."""

    project_logits: Floats
    """(buckets,): of the share that a level of the project's counts takes."""
    document_logits: Floats
    """(buckets,): the same for the document's."""
    gate: Floats
    """All of the gate in the order of `ft_gate`: (features, hidden), (hidden,), (hidden, weights), (weights,)."""
    calibration: Floats = field(default_factory=lambda: UNCALIBRATED)
    """What turns a suggestion's probability into how often one like it proves right; see `confidence`."""

    def __post_init__(self) -> None:
        for name, length in _lengths().items():
            array = getattr(self, name)
            if array.shape != (length,) or array.dtype != np.float32 or not np.isfinite(array).all():
                raise ValueError(f"{name} must be {length} finite float32 values, got {array.dtype} {array.shape}")

    def confidence(self, log_probability: float, length: int, typed: int) -> float:
        """Return how often a suggestion proves right that has this probability and length in characters.

        `typed` characters of the word that it finishes stand there already. A logistic curve (Platt 1999) over
        `calibration_features`; the probability itself where nothing was calibrated.
        """
        score = float(self.calibration @ calibration_features(log_probability, length, typed))
        return 1 / (1 + math.exp(-min(max(score, -30.0), 30.0)))

    @property
    def project_lambdas(self) -> Floats:
        """Shares between 0 and 1."""
        return _sigmoid(self.project_logits)

    @property
    def document_lambdas(self) -> Floats:
        """Shares between 0 and 1."""
        return _sigmoid(self.document_logits)


UNCALIBRATED: Floats = np.array([0, 1, 0, 0, 0], np.float32)

_NEARLY_ONE = math.log(1 - 1e-6)


def calibration_features(log_probability: float, length: int, typed: int) -> Floats:
    """Return what a calibration weighs: a constant, log-odds, log-length, and whether a word begins or has begun."""
    log_probability = min(log_probability, _NEARLY_ONE)
    odds = log_probability - math.log(-math.expm1(log_probability))
    return np.array([1, odds, math.log(length), typed == 0, 0 < typed < _FEW_TYPED], np.float32)


def gate_of(into: Floats, into_bias: Floats, out: Floats, out_bias: Floats) -> Floats:
    """Return the gate's arrays, (features, hidden), (hidden,), (hidden, weights) and (weights,), as one."""
    return np.concatenate([part.ravel() for part in (into, into_bias, out, out_bias)]).astype(np.float32)


def load(path: Path) -> Mixture:
    """Return the constants in a file; one that is missing or does not fit this version raises CheckpointError."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        arrays = load_file(path)
        return Mixture(**{name: arrays[name] for name in _lengths()})
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise CheckpointError(f"{path} does not hold the mixture of this version ({error})") from error


def save(path: Path, mixture: Mixture) -> None:
    """Replace `path` with the constants."""
    from safetensors.numpy import save as serialise

    atomic.write_file(path, serialise({name: getattr(mixture, name) for name in _lengths()}))


@cache
def shipped() -> Mixture:
    """Return the constants that came with the package."""
    return load(Path(__file__).with_name(_FILE))


def _lengths() -> dict[str, int]:
    sizes = shape()
    gate = (sizes.features + 1) * sizes.hidden + (sizes.hidden + 1) * sizes.weights
    calibration = len(UNCALIBRATED)
    return {
        "project_logits": sizes.buckets,
        "document_logits": sizes.buckets,
        "gate": gate,
        "calibration": calibration,
    }


def _sigmoid(logits: Floats) -> Floats:
    return (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)
