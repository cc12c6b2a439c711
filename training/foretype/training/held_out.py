"""What a network alone, as it is being trained, makes of held-out text: many files side by side.

Knows nothing of memories, mixtures, the exported engine or of how the network is trained.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from foretype.model.vocabulary import BYTES, Tokens, Vocabulary
from foretype.training.batches import Text
from foretype.training.loss import LanguageModel

_LANES = 32
_CHUNK_TOKENS = 256
"""Longer ones are no faster, and a transformer would look further back than it learnt to."""
_CHUNK_LOGITS = 1 << 25
"""Of all lanes together: a vocabulary of words makes them many."""
_IGNORED = -100


@torch.no_grad()
def held_out_bits(
    network: LanguageModel, files: Sequence[Text], max_bytes: int, vocabulary: Vocabulary = BYTES
) -> float:
    """Return bits per byte over the start of every file, `max_bytes` in all, each opened by its header.

    Of words it is what their tokens cost, a little more than what they cost the engine, which masks what cannot come.
    """
    share = max(1, max_bytes // len(files))
    texts = [(file.header, file.text[:share]) for file in files]
    encoded = [(vocabulary.encode(header), vocabulary.encode(text)) for header, text in texts]
    encoded.sort(key=lambda pair: len(pair[0]) + len(pair[1]))  # lanes of a batch end at about the same place
    was_training = network.training
    network.eval()
    nats = sum(_nats(network, encoded[first : first + _LANES]) for first in range(0, len(encoded), _LANES))
    network.train(was_training)
    return nats / sum(len(text) for _, text in texts) / math.log(2)


def _nats(network: LanguageModel, encoded: Sequence[tuple[Tokens, Tokens]]) -> float:
    """Return what the texts of one batch of (header, text) cost."""
    tokens, targets = _batch(encoded)
    device = network.head.weight.device
    tokens, targets = tokens.to(device), targets.to(device)
    state, nats = network.zero_state(len(tokens)), 0.0
    steps = min(_CHUNK_TOKENS, _CHUNK_LOGITS // (len(tokens) * len(network.head.weight)))
    for start in range(0, tokens.shape[1], steps):
        logits, state = network.scan(tokens[:, start : start + steps], state)
        wanted = targets[:, start : start + steps].flatten()
        cost = functional.cross_entropy(logits.flatten(0, 1), wanted, ignore_index=_IGNORED, reduction="sum")
        nats += cost.item()
    return nats


def _batch(encoded: Sequence[tuple[Tokens, Tokens]]) -> tuple[Tensor, Tensor]:
    """Return inputs and targets (B, T), padded; headers cost nothing."""
    width = max(len(header) + len(text) for header, text in encoded) - 1
    tokens = np.zeros((len(encoded), width), np.int64)
    targets = np.full((len(encoded), width), _IGNORED, np.int64)
    for row, (header, text) in enumerate(encoded):
        length = len(header) + len(text) - 1
        tokens[row, :length] = np.concatenate([header, text])[:-1]
        targets[row, len(header) - 1 : length] = text
    return torch.from_numpy(tokens), torch.from_numpy(targets)
