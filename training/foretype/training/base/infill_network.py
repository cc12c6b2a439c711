"""What stands right of the caret as a network reads it, and what that changes in the logits of a base network.

    right (S, R) -> embedding -> GRU, from far to near -> e (S, H)
    logits of the base + C relu(A h + B e), h (N, D) being the hidden state of its top layer

S: gaps, R: bytes read right of the caret, N: places in gaps. Source of the design: sequence to sequence learning, whose
decoder is conditioned by what an encoder has read last to first (Sutskever et al. 2014); here the decoder is a network
that stays as it is, and C begins at zero, so that training starts from what it predicts alone.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from foretype.model import atomic
from foretype.model.config import Config
from foretype.model.errors import DAMAGE, CheckpointError
from foretype.model.network import Weighted

_SYMBOLS = 257
"""The bytes, and what stands for the end of the text."""
_END = 256


class InfillNetwork(Weighted):
    """Tell what the text right of the caret changes in the logits of a base network."""

    def __init__(self, config: Config, d_embed: int, d_encoder: int, d_mix: int, reach: int) -> None:
        """Draw fresh weights for a base of this shape; `reach` bytes right of the caret are read."""
        super().__init__()
        self.reach = reach
        self.embed = nn.Embedding(_SYMBOLS, d_embed)
        self.encoder = nn.GRU(d_embed, d_encoder, batch_first=True)
        self.from_state = nn.Linear(config.d_model, d_mix)
        self.from_right = nn.Linear(d_encoder, d_mix, bias=False)
        self.to_logits = nn.Linear(d_mix, config.vocab_size, bias=False)
        nn.init.normal_(self.embed.weight, std=d_embed**-0.5)
        nn.init.zeros_(self.to_logits.weight)

    def encode(self, right: Tensor) -> Tensor:
        """Return what (S, M) the symbols right of carets (S, R) int64 add within the conditioner."""
        _, last = self.encoder(self.embed(right))
        encoded: Tensor = self.from_right(last[-1])
        return encoded

    def shift(self, hidden: Tensor, encoded: Tensor) -> Tensor:
        """Return what is added to the logits (N, V) for hidden states (N, D) and one row (N, M) of `encode` each."""
        shift: Tensor = self.to_logits(torch.relu(self.from_state(hidden) + encoded))
        return shift


def symbols(right: bytes, reach: int) -> NDArray[np.int64]:
    """Return the symbols (reach,) of the text right of the caret, the nearest last; beyond its end stands a sign."""
    found = np.full(reach, _END, np.int64)
    near = np.frombuffer(right[:reach], np.uint8)
    found[reach - len(near) :] = near[::-1]
    return found


def save(path: Path, network: InfillNetwork) -> None:
    """Replace `path` with the weights in half precision."""
    from safetensors.numpy import save as serialise

    arrays: dict[str, NDArray[np.generic]] = {k: value.astype(np.float16) for k, value in network.weights().items()}
    atomic.write_file(path, serialise(arrays | {"reach": np.array([network.reach], np.int64)}))


def load(path: Path, config: Config) -> InfillNetwork:
    """Return what `save` wrote for a base of this shape; what is damaged or of another raises CheckpointError."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        arrays = load_file(path)
        reach = int(arrays.pop("reach").item())
        d_embed, d_encoder = arrays["embed.weight"].shape[1], arrays["encoder.weight_hh_l0"].shape[1]
        network = InfillNetwork(config, d_embed, d_encoder, arrays["from_state.weight"].shape[0], reach)
        network.load_weights({name: value.astype(np.float32) for name, value in arrays.items()})
    except (SafetensorError, RuntimeError, *DAMAGE) as error:  # torch names all weights that do not fit, a line each
        reason = " ".join(str(error).split())
        raise CheckpointError(f"{path} does not hold an encoder for this network ({reason})") from error
    return network
