"""What the hidden state says of the text that led to it: its language, and whether a place is code or something else.

Softmax regressions (Bishop 2006, section 4.3.4) on all arrays of a state, side by side: on the state at a place for
its kind, on the mean of the states along a text for its language. They belong to the one network whose states they
were fitted on. Knows nothing of text or of how they are fitted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foretype.model.config import Config
from foretype.model.errors import DAMAGE, CheckpointError
from foretype.model.state import State

KINDS = ("code", "comment", "string", "prose")

Floats = NDArray[np.float32]

FORMAT = 1
_ABOUT = "readout"
_MAX_BYTES = 8 << 20
_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Regression:
    """Hold one softmax regression; what it weighs is centred and scaled first."""

    labels: tuple[str, ...]
    weights: Floats
    """(labels, features)."""
    bias: Floats
    """(labels,)."""
    centre: Floats
    """(features,)."""
    scale: Floats
    """(features,), what to multiply by."""

    def __post_init__(self) -> None:
        features = self.weights.shape[-1]
        expected = {"weights": (len(self.labels), features), "bias": (len(self.labels),)}
        for name, shape in {**expected, "centre": (features,), "scale": (features,)}.items():
            array = getattr(self, name)
            if array.shape != shape or not np.isfinite(array).all():
                raise ValueError(f"{name} must be finite and of shape {shape}, got {array.shape}")

    def probabilities(self, features: Floats) -> NDArray[np.float64]:
        """Return the probability (N, labels) of each label for rows of features (N, features)."""
        scores = (((features - self.centre) * self.scale) @ self.weights.T + self.bias).astype(np.float64)
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class Readout:
    """Hold the regressions of one network."""

    language: Regression
    """On the mean of states along a text, read under a header that tells neither path nor language."""
    kind: Regression
    """On the state at a place; its labels are `KINDS`."""

    def to_bytes(self, graph: bytes) -> bytes:
        """Return the file for the network whose graph this is, weights in half precision."""
        from safetensors.numpy import save

        arrays = {
            f"{part}.{name}": getattr(getattr(self, part), name).astype(np.float16 if name == "weights" else np.float32)
            for part in ("language", "kind")
            for name in ("weights", "bias", "centre", "scale")
        }
        labels = {part: getattr(self, part).labels for part in ("language", "kind")}
        about = {"format": FORMAT, "network": _digest(graph), **labels}
        # one entry: the library writes several in an order that differs from run to run
        return bytes(save(arrays, metadata={_ABOUT: json.dumps(about)}))


def features(state: State) -> Floats:
    """Return all arrays of a state side by side, one row (lanes, features) per lane."""
    return np.concatenate([array[0] for array in state.arrays], axis=1)


def load(path: Path, config: Config, graph: bytes) -> Readout:
    """Return the readout in a file; one that is damaged or of another network than `graph` raises CheckpointError."""
    from safetensors import SafetensorError, safe_open

    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError(f"more than {_MAX_BYTES} bytes")
        with safe_open(path, "np") as file:
            about = json.loads((file.metadata() or {})[_ABOUT])
            arrays = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118  # no mapping
        if about["format"] != FORMAT:
            raise ValueError(f"expected format {FORMAT}, found {about['format']!r}")
        found = Readout(*(_regression(part, about, arrays) for part in ("language", "kind")))
        _check(found, config)
        network = about["network"]
    except (SafetensorError, *DAMAGE) as error:
        raise CheckpointError(f"{path} is damaged ({error}); classify with --model base") from error
    if network != _digest(graph):
        raise CheckpointError(f"{path} belongs to another network than its folder's; classify with --model base")
    return found


def _regression(part: str, about: dict[str, Any], arrays: dict[str, Floats]) -> Regression:
    labels = tuple(str(label) for label in about[part])
    return Regression(labels, *(arrays[f"{part}.{name}"] for name in ("weights", "bias", "centre", "scale")))


def _check(found: Readout, config: Config) -> None:
    expected = len(config.state_names) * config.d_model
    if found.kind.labels != KINDS:
        raise ValueError(f"expected the kinds {', '.join(KINDS)}, found {', '.join(found.kind.labels)}")
    for one in (found.language, found.kind):
        if one.weights.shape[1] != expected:
            raise ValueError(f"expected {expected} features, found {one.weights.shape[1]}")


def _digest(graph: bytes) -> str:
    return blake2b(graph, digest_size=_DIGEST_BYTES).hexdigest()
