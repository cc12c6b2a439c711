"""Every kind of predictor is read in the same way: its distributions sum to one, its bits are theirs, copies part."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from tests.conftest import LEARNT_TEXT

from foretype.model import mixture, segment
from foretype.model.engine import Engine
from foretype.model.predictor import Predictor
from foretype.model.tokens import header
from foretype.training.readers import EngineReader, MarkovCounts, MarkovReader, MixtureReader, Reader
from foretype.training.torch_engine import TorchEngine
from foretype.training.transformer import Transformer

OPENING = header("names.py", "python")


def markov(_: Engine) -> Reader:
    return MarkovReader(MarkovCounts(3, [LEARNT_TEXT.encode()]))


def engine(learnt: Engine) -> Reader:
    return EngineReader(learnt, OPENING)


def transformer(_: Engine) -> Reader:
    torch.manual_seed(0)
    return EngineReader(TorchEngine(Transformer(1, 16, 2, context=32)), OPENING)


def whole(learnt: Engine) -> Reader:
    known = segment.build([("other.py", LEARNT_TEXT.encode())])
    return MixtureReader(learnt, Predictor(mixture.shipped(), [(known, known.mask([]))]), OPENING)


KINDS: list[Callable[[Engine], Reader]] = [markov, engine, transformer, whole]


@pytest.mark.parametrize("kind", KINDS)
def test_distributions_sum_to_one_and_bits_are_theirs(kind: Callable[[Engine], Reader], learnt_engine: Engine) -> None:
    reader = kind(learnt_engine)
    for byte in b"def visit(names):\n":
        distribution = reader.distribution()
        assert distribution.shape == (256,)
        assert distribution.sum() == pytest.approx(1, abs=1e-6)
        assert distribution.min() >= 0
        assert reader.read(bytes([byte])) == pytest.approx(-math.log2(distribution[byte]), abs=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_goes_its_own_way(kind: Callable[[Engine], Reader], learnt_engine: Engine) -> None:
    reader = kind(learnt_engine)
    reader.read(b"def ")
    before = reader.distribution()
    other = reader.copy()
    other.read(b"visit(")
    assert not np.allclose(other.distribution(), before)
    assert np.allclose(reader.distribution(), before)


def test_what_a_chain_has_seen_is_likelier_than_what_it_has_not() -> None:
    reader = MarkovReader(MarkovCounts(2, [b"abcabcabd"]))
    reader.read(b"ab")
    p = reader.distribution()
    assert p[ord("c")] > p[ord("d")] > p[ord("z")] > 0


def test_a_chain_of_order_0_knows_frequencies_only() -> None:
    reader = MarkovReader(MarkovCounts(0, [b"aab"]))
    before = reader.distribution()
    reader.read(b"b")
    assert np.array_equal(reader.distribution(), before)
