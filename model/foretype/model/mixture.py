"""The learnt constants: how much each kind of evidence counts, how experts are weighed, how far to trust the result.

They are arrays in a safetensors file that ships with the package; what they mean is in native/blend.h and mixture.h.
Knows nothing of how they are learnt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from foretype.model import atomic, calibration
from foretype.model.calibration import UNCALIBRATED, Look
from foretype.model.errors import CheckpointError
from foretype.model.native import shape

_FILE = "mixture.safetensors"

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Mixture:
    """Hold the constants, float32."""

    project_logits: Floats
    """(buckets,): of the share that a level of the project's counts takes."""
    document_logits: Floats
    """(buckets,): the same for the document's."""
    structure_logits: Floats
    """(refine buckets,): the same for what structures add to both."""
    gate: Floats
    """All of the gate in the order of `ft_gate`: (features, hidden), (hidden,), (hidden, weights), (weights,)."""
    calibration: Floats = field(default_factory=lambda: np.array(UNCALIBRATED, np.float32))
    """Weights of what turns a suggestion's probability into how often one like it proves right."""

    def __post_init__(self) -> None:
        for name, length in _lengths().items():
            array = getattr(self, name)
            if array.shape != (length,) or array.dtype != np.float32 or not np.isfinite(array).all():
                raise ValueError(f"{name} must be {length} finite float32 values, got {array.dtype} {array.shape}")

    def confidence(self, look: Look, bias: float = 0.0) -> float:
        """Return how often a suggestion of this look proves right."""
        return calibration.confidence(self.calibration.tolist(), look, bias)

    @property
    def project_lambdas(self) -> Floats:
        """Shares between 0 and 1."""
        return _sigmoid(self.project_logits)

    @property
    def document_lambdas(self) -> Floats:
        """Shares between 0 and 1."""
        return _sigmoid(self.document_logits)

    @property
    def structure_lambdas(self) -> Floats:
        """Shares between 0 and 1."""
        return _sigmoid(self.structure_logits)


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
    return {
        "project_logits": sizes.buckets,
        "document_logits": sizes.buckets,
        "structure_logits": sizes.refine_buckets,
        "gate": gate,
        "calibration": len(UNCALIBRATED),
    }


def _sigmoid(logits: Floats) -> Floats:
    return (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)
