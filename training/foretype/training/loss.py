"""What a network is trained to make small, as one module, so that several processes can share its gradients."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from foretype.model.network import Network, TorchState
from foretype.training.transformer import Transformer

LanguageModel = Network | Transformer
"""What can be trained here: the recurrent network, and what it is compared with."""


class Loss(nn.Module):
    """Read a chunk of every lane and return what predicting it cost."""

    def __init__(self, network: LanguageModel, *, bfloat16: bool) -> None:
        """Wrap `network`; `bfloat16` computes products in 16 bits."""
        super().__init__()
        self.network = network
        self._bfloat16 = bfloat16

    def forward(self, tokens: Tensor, *state: Tensor) -> tuple[Tensor, TorchState]:
        """Return nats per token of `tokens` (B, T + 1) int64 read from `state`, and the state after them."""
        with torch.autocast(tokens.device.type, torch.bfloat16, enabled=self._bfloat16):
            logits, following = self.network.scan(tokens[:, :-1], state)
        loss = functional.cross_entropy(logits.flatten(0, 1).float(), tokens[:, 1:].flatten())
        return loss, tuple(part.float() for part in following)
