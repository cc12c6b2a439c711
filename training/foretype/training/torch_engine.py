"""A module in torch in the place of the engine, for networks that are only compared and have no graph.

Knows nothing of how it was trained.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from foretype.model.network import TorchState
from foretype.training.loss import LanguageModel


class TorchEngine:
    """Read bytes with a module, as `Engine` reads them with a graph; slow."""

    def __init__(self, network: LanguageModel) -> None:
        """Take a network of bytes; it is put out of training."""
        network.eval()
        self._network = network

    def zero_state(self) -> TorchState:
        """Return the state before anything was read."""
        return self._network.zero_state(1)

    @torch.no_grad()
    def prefill(self, tokens: bytes, state: TorchState) -> tuple[NDArray[np.float32], TorchState]:
        """Return the logits (T, 256) after each byte and the state after the last; `state` is not written to."""
        row = torch.from_numpy(np.frombuffer(tokens, np.uint8).astype(np.int64))[None]
        logits, following = self._network.scan(row, state)
        return logits[0].float().numpy(), following
