"""A line that a network in training writes, to see by eye what it has learnt."""

from __future__ import annotations

import numpy as np
import torch

from foretype.model.network import Network
from foretype.model.sampling import Sampling, probabilities, sample
from foretype.model.tokens import START, allowed_tokens, utf8_transitions
from foretype.training.transformer import Transformer

_CHARACTERS = 60
_SAMPLING = Sampling(temperature=0.5)


@torch.no_grad()
def sample_line(network: Network | Transformer, opening: bytes, seed: int) -> str:
    """Return the text that `network` goes on with after `opening`, in one line; the network's own mode is kept."""
    was_training = network.training
    network.eval()
    device = network.head.weight.device
    read = torch.from_numpy(np.frombuffer(opening, np.uint8).astype(np.int64))[None].to(device)
    logits, state = network.scan(read, network.zero_state(1))
    scores = logits[:, -1]
    draws = np.random.default_rng(seed)
    situation, written = START, bytearray()
    for _ in range(_CHARACTERS):
        distribution = probabilities(scores.float().cpu().numpy(), allowed_tokens()[[situation]])
        token = sample(distribution, [_SAMPLING], draws.random(1))
        situation = int(utf8_transitions()[situation, int(token[0])])
        written.append(int(token[0]))
        logits, state = network.scan(torch.from_numpy(token.astype(np.int64))[None].to(device), state)
        scores = logits[:, -1]
    network.train(was_training)
    return " ".join(written.decode("utf-8", "ignore").split())
