"""Bits of a network on text it never saw, in batches of files of unequal length."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from tests.conftest import LEARNT_TEXT, TINY
from torch.nn import functional

from foretype.model.language import header_of
from foretype.model.network import Network
from foretype.model.vocabulary import BYTES, Vocabulary
from foretype.training.batches import PlainText
from foretype.training.held_out import held_out_bits

TEXT = LEARNT_TEXT.encode() * 9
WORDS = Vocabulary.of([TEXT], most=20)
FILES = [PlainText(header_of(f"src/{size}.py"), TEXT[:size]) for size in (700, 1, 255, 256, 257)]


@pytest.mark.parametrize("vocabulary", [BYTES, WORDS], ids=["bytes", "words"])
@pytest.mark.parametrize("max_bytes", [100_000, 1000])
def test_files_scored_side_by_side_cost_what_they_cost_one_by_one(vocabulary: Vocabulary, max_bytes: int) -> None:
    torch.manual_seed(0)
    network = Network(dataclasses.replace(TINY, vocab_size=vocabulary.size))
    share = max_bytes // len(FILES)
    wanted = sum(bits_of(network, vocabulary, file.header, file.text[:share]) for file in FILES)
    found = held_out_bits(network, FILES, max_bytes, vocabulary)
    assert found == pytest.approx(wanted / sum(len(file.text[:share]) for file in FILES), rel=1e-5)


def test_a_network_in_training_is_left_in_training() -> None:
    network = Network(TINY, dropout=0.5)
    network.train()
    bits = held_out_bits(network, FILES, 1000)
    assert held_out_bits(network, FILES, 1000) == bits, "its dropout was at work"
    assert network.training


@torch.no_grad()
def bits_of(network: Network, vocabulary: Vocabulary, header: bytes, text: bytes) -> float:
    """Return what a text costs, read at once."""
    opening, rest = vocabulary.encode(header), vocabulary.encode(text)
    tokens = torch.from_numpy(np.concatenate([opening, rest]).astype(np.int64))[None]
    logits, _ = network.scan(tokens[:, :-1], network.zero_state(1))
    nats = functional.cross_entropy(logits[0, len(opening) - 1 :], tokens[0, len(opening) :], reduction="sum")
    return float(nats) / math.log(2)
