"""What stands right of the caret as a network reads it, in torch, for training; what serves is `foretype.model.infill`.

    right (S, R) -> embedding -> GRU, from far to near -> e (S, H)
    logits of the base + C relu(A h + B e), h (N, D) being the hidden state of its top layer

S: gaps, R: bytes read right of the caret, N: places in gaps. Source of the design: sequence to sequence learning, whose
decoder is conditioned by what an encoder has read last to first (Sutskever et al. 2014); here the decoder is a network
that stays as it is, and C begins at zero, so that training starts from what it predicts alone.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from foretype.model.config import Config
from foretype.model.infill import SYMBOLS
from foretype.model.network import Weighted


class InfillNetwork(Weighted):
    """Tell what the text right of the caret changes in the logits of a base network."""

    def __init__(self, config: Config, d_embed: int, d_encoder: int, d_mix: int) -> None:
        """Draw fresh weights for a base of this shape."""
        super().__init__()
        self.embed = nn.Embedding(SYMBOLS, d_embed)
        self.encoder = nn.GRU(d_embed, d_encoder, batch_first=True)
        self.from_state = nn.Linear(config.d_model, d_mix)
        self.from_right = nn.Linear(d_encoder, d_mix, bias=False)
        self.to_logits = nn.Linear(d_mix, config.vocab_size, bias=False)
        nn.init.normal_(self.embed.weight, std=d_embed**-0.5)
        nn.init.zeros_(self.to_logits.weight)

    def encode(self, right: Tensor) -> Tensor:
        """Return what (S, M) the symbols right of carets (S, R) int64, the nearest last, add within the conditioner."""
        _, last = self.encoder(self.embed(right))
        encoded: Tensor = self.from_right(last[-1])
        return encoded

    def shift(self, hidden: Tensor, encoded: Tensor) -> Tensor:
        """Return what is added to the logits (N, V) for hidden states (N, D) and one row (N, M) of `encode` each."""
        shift: Tensor = self.to_logits(torch.relu(self.from_state(hidden) + encoded))
        return shift
