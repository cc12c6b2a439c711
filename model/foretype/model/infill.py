"""What stands right of the caret, read by a small encoder, and what it changes in what may come next.

    e = GRU of the bytes right of the caret, from far to near; once for each text
    s = C relu(A h + B e), h being the hidden state of the network's top layer; at every step
    p exp(share s), p being the distribution that network and memories agreed on by what stands left

So a continuation knows where it has to arrive, and the network's own states stay those of the text before the caret
alone. The shift s was learnt as what has to be added to the network's logits, so it estimates the logarithm of how much
likelier each byte makes what stands right, and by Bayes' rule weighs any distribution. Runs on numpy. Sources: sequence
to sequence learning (Sutskever et al. 2014); the GRU is Cho et al. 2014 in torch's form, which applies the reset gate
after the state's projection. Knows nothing of documents or memories.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from foretype.model.config import Config
from foretype.model.errors import DAMAGE, CheckpointError

FILE = "infill.safetensors"

SYMBOLS = 257
"""The bytes, and what stands for the end of the text."""
_END = 256
_MOST_REACH = 1 << 10
_SHARE = 0.5
"""Of the shift that counts: the memories know some of what stands right as well (docs/log.md)."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoder:
    """Hold the weights in the form in which they are used, float32."""

    reach: int
    """Bytes right of the caret that are read."""
    inputs: Floats
    """(symbols, 3 H): what each symbol adds to the gates reset, update and new, with their biases."""
    recurrent: Floats
    """(H, 3 H)"""
    new_bias: Floats
    """(H,): within the reset gate's product."""
    from_right: Floats
    """(H, M): B, transposed like those below."""
    from_state: Floats
    """(D, M): A"""
    state_bias: Floats
    """(M,)"""
    to_logits: Floats
    """(M, V): C"""

    @classmethod
    def of_torch(cls, weights: Mapping[str, Floats], reach: int, config: Config) -> Encoder:
        """Build from weights by torch's names; a missing one raises KeyError, one that does not fit ValueError."""
        if not 0 < reach <= _MOST_REACH:
            raise ValueError(f"expected a reach of 1 to {_MOST_REACH} bytes, found {reach}")
        _check_shapes(weights, config)
        width = weights["encoder.weight_hh_l0"].shape[1]
        bias = weights["encoder.bias_hh_l0"].copy()
        new_bias, bias[2 * width :] = bias[2 * width :].copy(), 0
        inputs = weights["embed.weight"] @ weights["encoder.weight_ih_l0"].T + weights["encoder.bias_ih_l0"] + bias
        names = ("encoder.weight_hh_l0", "from_right.weight", "from_state.weight", "to_logits.weight")
        recurrent, from_right, from_state, to_logits = (np.ascontiguousarray(weights[name].T) for name in names)
        return cls(reach, inputs, recurrent, new_bias, from_right, from_state, weights["from_state.bias"], to_logits)

    def read(self, right: bytes) -> Arrival | None:
        """Return where continuations have to arrive; None where nothing but blanks stands right of the caret."""
        return Arrival(self, self.encode(right)) if right[: self.reach].strip() else None

    def encode(self, right: bytes) -> Floats:
        """Return what (M,) the text right of the caret adds within the conditioner."""
        width = len(self.recurrent)
        state = np.zeros(width, np.float32)
        for given in self.inputs[symbols(right, self.reach)]:
            own = state @ self.recurrent
            gates = _sigmoid(given[: 2 * width] + own[: 2 * width])
            new = np.tanh(given[2 * width :] + gates[:width] * (own[2 * width :] + self.new_bias))
            state = new + gates[width:] * (state - new)
        return np.asarray(state @ self.from_right + self.state_bias)

    def shift(self, hidden: Floats, encoded: Floats) -> Floats:
        """Return what is added to the logits (B, V) of lanes whose top layer has these hidden states (B, D)."""
        return np.asarray(np.maximum(hidden @ self.from_state + encoded, 0) @ self.to_logits)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Hold what an encoder has read right of one caret."""

    encoder: Encoder
    encoded: Floats

    def shift(self, hidden: Floats) -> Floats:
        """Return what is added to the logits (B, V) of lanes whose top layer has these hidden states (B, D)."""
        return self.encoder.shift(hidden, self.encoded)


def weighed(distributions: NDArray[np.float64], shift: Floats) -> NDArray[np.float64]:
    """Return distributions (B, V) weighed by a shift (B, V), summing to one again."""
    weights = distributions * np.exp(_SHARE * (shift - shift.max(axis=1, keepdims=True)))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def symbols(right: bytes, reach: int) -> NDArray[np.intp]:
    """Return the symbols (reach,) of the text right of the caret, the nearest last; beyond its end stands a sign."""
    found = np.full(reach, _END, np.intp)
    near = np.frombuffer(right[:reach], np.uint8)
    found[reach - len(near) :] = near[::-1]
    return found


def serialise(weights: Mapping[str, NDArray[np.float32]], reach: int) -> bytes:
    """Return a file of the weights that torch has learnt, by its names, in half precision."""
    from safetensors.numpy import save

    arrays: dict[str, NDArray[np.generic]] = {name: value.astype(np.float16) for name, value in weights.items()}
    return bytes(save(arrays | {"reach": np.array([reach], np.int64)}))


def load(path: Path, config: Config) -> Encoder:
    """Return the encoder in a file; one that is damaged or of another shape than `config` raises CheckpointError."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        arrays = load_file(path)
        reach = int(arrays.pop("reach").item())
        return Encoder.of_torch({name: value.astype(np.float32) for name, value in arrays.items()}, reach, config)
    except (SafetensorError, *DAMAGE) as error:
        raise CheckpointError(f"{path} does not hold an encoder for this network ({error})") from error


def _check_shapes(weights: Mapping[str, Floats], config: Config) -> None:
    embed, width = weights["embed.weight"].shape[-1], weights["encoder.weight_hh_l0"].shape[-1]
    mix = weights["from_state.weight"].shape[0]
    expected = {
        "embed.weight": (SYMBOLS, embed),
        "encoder.weight_ih_l0": (3 * width, embed),
        "encoder.weight_hh_l0": (3 * width, width),
        "encoder.bias_ih_l0": (3 * width,),
        "encoder.bias_hh_l0": (3 * width,),
        "from_right.weight": (mix, width),
        "from_state.weight": (mix, config.d_model),
        "from_state.bias": (mix,),
        "to_logits.weight": (config.vocab_size, mix),
    }
    for name, shape in expected.items():
        if weights[name].shape != shape or not np.isfinite(weights[name]).all():
            raise ValueError(f"{name}: expected finite values {shape}, found {weights[name].shape}")


def _sigmoid(scores: Floats) -> Floats:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * scores))
