"""What a network alone makes of projects it never saw: one number that ranks architectures.

Knows nothing of memories, mixtures or of how the network was trained.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from foretype.model.language import header_of
from foretype.training.base.projects import Project
from foretype.training.loss import LanguageModel

_BYTES_PER_FILE = 4096
_LANES = 32
_CHUNK_BYTES = 256
_IGNORED = -100


@dataclass(frozen=True, slots=True)
class _Opening:
    tokens: NDArray[np.uint8]
    """Header and text."""
    scored_from: int


@torch.no_grad()
def held_out_bits(network: LanguageModel, projects: Sequence[Project]) -> float:
    """Return bits per byte over the beginnings of the files being typed, each opened by its header."""
    openings = [_opening(path, text) for project in projects for path, text in project.typed]
    openings.sort(key=lambda opening: len(opening.tokens))
    was_training = network.training
    network.eval()
    nats = scored = 0.0
    for first in range(0, len(openings), _LANES):
        tokens, targets = _batch(openings[first : first + _LANES])
        state = network.zero_state(len(tokens))
        for start in range(0, tokens.shape[1], _CHUNK_BYTES):
            logits, state = network.scan(tokens[:, start : start + _CHUNK_BYTES], state)
            wanted = targets[:, start : start + _CHUNK_BYTES].flatten()
            nats += functional.cross_entropy(
                logits.flatten(0, 1), wanted, ignore_index=_IGNORED, reduction="sum"
            ).item()
            scored += int((wanted != _IGNORED).sum())
    network.train(was_training)
    return nats / scored / math.log(2)


def _opening(path: str, text: bytes) -> _Opening:
    header = header_of(path)
    return _Opening(np.frombuffer(header + text[:_BYTES_PER_FILE], np.uint8), len(header))


def _batch(openings: Sequence[_Opening]) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(len(opening.tokens) for opening in openings) - 1
    tokens = np.zeros((len(openings), width), np.int64)
    targets = np.full((len(openings), width), _IGNORED, np.int64)
    for row, opening in enumerate(openings):
        length, header = len(opening.tokens) - 1, opening.scored_from
        tokens[row, :length] = opening.tokens[:-1]
        targets[row, header - 1 : length] = opening.tokens[header:]
    return torch.from_numpy(tokens), torch.from_numpy(targets)
