"""A line that a network in training writes, to see by eye what it has learnt."""

from __future__ import annotations

import numpy as np
import torch

from foretype.model.network import Network
from foretype.model.sampling import Sampling, probabilities, sample
from foretype.model.tokens import START
from foretype.model.vocabulary import BYTES, Vocabulary
from foretype.training.transformer import Transformer

_CHARACTERS = 60
_SAMPLING = Sampling(temperature=0.5)


@torch.no_grad()
def sample_line(network: Network | Transformer, opening: bytes, seed: int, vocabulary: Vocabulary = BYTES) -> str:
    """Return the text that `network` goes on with after `opening`, in one line; the network's own mode is kept."""
    was_training = network.training
    network.eval()
    device = network.head.weight.device
    read = torch.from_numpy(vocabulary.encode(opening).astype(np.int64))[None].to(device)
    logits, state = network.scan(read, network.zero_state(1))
    scores = logits[:, -1]
    draws = np.random.default_rng(seed)
    situations, written = np.array([START]), b""
    while len(written) < _CHARACTERS:
        distribution = probabilities(scores.float().cpu().numpy(), vocabulary.allowed(situations))
        token = sample(distribution, [_SAMPLING], draws.random(1))
        situations = vocabulary.after(situations, token)
        written += vocabulary.decode(token)
        logits, state = network.scan(torch.from_numpy(token.astype(np.int64))[None].to(device), state)
        scores = logits[:, -1]
    network.train(was_training)
    return " ".join(written.decode("utf-8", "ignore").split())
