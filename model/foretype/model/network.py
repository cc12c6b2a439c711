"""The recurrent network in torch, for training only; what serves is its export, run by `engine.py`.

    tokens (B, T) -> embedding (B, T, E) -> recurrent layers (B, T, D) -> head -> logits (B, T, V)

B: lanes, T: time, E: `d_embed`, D: `d_model`, V: `vocab_size`. A state is the tuple that `Config.state_names`
names, each (B, D), so that a chunk of a stream starts where the one before ended (truncated backpropagation through
time, Williams & Peng 1990). `step` and `scan` are the same function of the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from foretype.model.config import Config

TorchState = tuple[Tensor, ...]

_FORGET_BIAS = 1.0
"""An LSTM that starts by remembering learns long spans sooner (Jozefowicz et al. 2015, section 2)."""

_LAYERS: dict[str, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class Weighted(nn.Module):
    """A module whose weights go in and out as arrays."""

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """Return copies of all weights by name, float32, on the CPU."""
        return {
            name: value.detach().to("cpu", torch.float32).numpy().copy() for name, value in self.state_dict().items()
        }

    def load_weights(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        """Replace all weights; a missing, unknown or misshapen one raises RuntimeError."""
        self.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})


class Network(Weighted):
    """Predict the next token from all tokens before it."""

    def __init__(self, config: Config, dropout: float = 0.0) -> None:
        """Draw fresh weights from torch's generator; `dropout` acts between layers while training."""
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.d_embed)
        between = dropout if config.n_layer > 1 else 0.0
        self.rnn = _LAYERS[config.cell](
            config.d_embed, config.d_model, config.n_layer, batch_first=True, dropout=between
        )
        self.head = nn.Linear(config.d_model, config.vocab_size)
        self._initialise()

    def scan(self, tokens: Tensor, state: TorchState) -> tuple[Tensor, TorchState]:
        """Read tokens (B, T) int64 from `state`; return logits (B, T, V) after each and the state after the last."""
        output, packed = self.rnn(self.embed(tokens), self._pack(state))
        return self.head(output), self._unpack(packed)

    def step(self, token: Tensor, state: TorchState) -> tuple[Tensor, TorchState]:
        """Read one token (B,) int64 from `state`; return logits (B, V) and the state after it."""
        logits, following = self.scan(token[:, None], state)
        return logits[:, 0], following

    def zero_state(self, lanes: int) -> TorchState:
        """Return the state before anything was read, on the network's device."""
        like = self.head.weight
        return tuple(like.new_zeros(lanes, self.config.d_model) for _ in self.config.state_names)

    def _initialise(self) -> None:
        nn.init.normal_(self.embed.weight, std=self.config.d_embed**-0.5)
        for name, weight in self.rnn.named_parameters():
            if name.startswith("weight_hh"):
                for gate in weight.chunk(self.config.gates):
                    nn.init.orthogonal_(gate)
            elif name.startswith("bias_ih") and self.config.cell == "lstm":
                d_model = self.config.d_model  # torch orders the gates input, forget, cell, output
                with torch.no_grad():
                    weight[d_model : 2 * d_model].fill_(_FORGET_BIAS)

    def _pack(self, state: TorchState) -> Tensor | tuple[Tensor, Tensor]:
        if self.config.cell == "lstm":
            return torch.stack(state[0::2]), torch.stack(state[1::2])
        return torch.stack(state)

    def _unpack(self, packed: Tensor | tuple[Tensor, Tensor]) -> TorchState:
        if isinstance(packed, Tensor):
            return tuple(packed.unbind(0))
        hidden, cell = packed
        return tuple(part for layer in zip(hidden.unbind(0), cell.unbind(0), strict=True) for part in layer)


def detach(state: TorchState) -> TorchState:
    """Return the state cut off from the graph that made it: gradients end at a chunk's start."""
    return tuple(part.detach() for part in state)


def reset(state: TorchState, lanes: Tensor) -> TorchState:
    """Return the state with the lanes marked in `lanes` (B,) bool set to zero."""
    keep = (~lanes).to(state[0].dtype)[:, None]
    return tuple(part * keep for part in state)
