"""A GPT-style transformer over bytes: what the recurrent network is compared with, never what serves.

    tokens (B, T) -> embedding (B, T, D) -> blocks of attention and MLP (B, T, D) -> head -> logits (B, T, V)

Pre-norm blocks (Radford et al. 2019), rotary positions (Su et al. 2021), no biases. Its state is the text itself, up to
`context` bytes, so that it is used like the recurrent network. Knows nothing of files.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from foretype.model.network import TorchState, Weighted

_WAVELENGTH = 10_000.0
_MLP_RATIO = 4


class Transformer(Weighted):
    """Predict the next token from at most `context` tokens before it."""

    def __init__(self, n_layer: int, d_model: int, n_head: int, vocab_size: int = 256, context: int = 512) -> None:
        """Draw fresh weights from torch's generator."""
        super().__init__()
        self.shape = {"n_layer": n_layer, "d_model": d_model, "n_head": n_head}
        self.shape |= {"vocab_size": vocab_size, "context": context}
        self._context = context
        self.embed = nn.Embedding(vocab_size, d_model)
        self.blocks = nn.ModuleList(_Block(d_model, n_head) for _ in range(n_layer))
        self.norm = nn.RMSNorm(d_model)
        self.head = nn.Linear(d_model, vocab_size, bias=False)
        nn.init.normal_(self.embed.weight, std=0.02)

    def scan(self, tokens: Tensor, state: TorchState) -> tuple[Tensor, TorchState]:
        """Read tokens (B, T) int64 after those in `state`; return logits (B, T, V) after each and the state after.

        While training a chunk is read alone, as GPTs are trained.
        """
        whole = tokens if self.training else torch.cat([state[0].long(), tokens], dim=1)
        hidden = self.embed(whole)
        rotation = _rotation(whole.shape[1], self.blocks[0].head_size, hidden)  # type: ignore[arg-type]
        for block in self.blocks:
            hidden = block(hidden, rotation)
        logits = self.head(self.norm(hidden[:, -tokens.shape[1] :]))
        return logits, state if self.training else (whole[:, -self._context :].to(state[0].dtype),)

    def zero_state(self, lanes: int) -> TorchState:
        """Return the state before anything was read."""
        return (self.head.weight.new_zeros(lanes, 0),)


class _Block(nn.Module):
    def __init__(self, d_model: int, n_head: int) -> None:
        super().__init__()
        self.n_head, self.head_size = n_head, d_model // n_head
        self.norms = nn.ModuleList(nn.RMSNorm(d_model) for _ in range(2))
        self.heads = nn.Linear(d_model, 3 * d_model, bias=False)
        self.merge = nn.Linear(d_model, d_model, bias=False)
        self.up = nn.Linear(d_model, _MLP_RATIO * d_model, bias=False)
        self.down = nn.Linear(_MLP_RATIO * d_model, d_model, bias=False)

    def forward(self, hidden: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
        hidden = hidden + self.merge(self._attend(self.norms[0](hidden), rotation))
        change: Tensor = self.down(functional.gelu(self.up(self.norms[1](hidden))))
        return hidden + change

    def _attend(self, hidden: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
        lanes, length, _ = hidden.shape
        parts = self.heads(hidden).view(lanes, length, 3, self.n_head, self.head_size)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        query, key = _rotate(query, rotation), _rotate(key, rotation)
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        return mixed.transpose(1, 2).reshape(lanes, length, -1)


def _rotation(length: int, head_size: int, like: Tensor) -> tuple[Tensor, Tensor]:
    rates = _WAVELENGTH ** -(torch.arange(0, head_size, 2, device=like.device) / head_size)
    angles = torch.arange(length, device=like.device)[:, None] * rates
    return angles.cos(), angles.sin()


def _rotate(vectors: Tensor, rotation: tuple[Tensor, Tensor]) -> Tensor:
    cosine, sine = (part.to(vectors.dtype) for part in rotation)
    left, right = vectors.chunk(2, dim=-1)
    return torch.cat([left * cosine - right * sine, left * sine + right * cosine], dim=-1)
