"""The encoder of what stands right of the caret: what it is in torch, what it leaves alone, what is refused."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import LEARNT_TEXT, TINY, random_weights

from foretype.model import checkpoint, infill, mixture
from foretype.model.checkpoint import Checkpoint
from foretype.model.config import Config
from foretype.model.engine import Engine
from foretype.model.errors import CheckpointError
from foretype.model.export import export
from foretype.model.infill import Encoder
from foretype.model.session import Session
from foretype.model.suggest import SuggestOptions, suggest
from foretype.model.tokens import encode, header
from foretype.model.window import Prefix

HEADER = header("/project/names.py", "python")
REACH = 12
HALF_PRECISION = 2e-2
"""Weights are kept in 16 bits, and sums of some dozens of them differ by that."""


def encoder_weights(config: Config, seed: int = 0) -> dict[str, np.ndarray]:
    from foretype.training.base.infill_network import InfillNetwork

    draws = np.random.default_rng(seed)
    shapes = {name: value.shape for name, value in InfillNetwork(config, 6, 10, 14).weights().items()}
    return {name: draws.normal(0, 0.6, shape).astype(np.float32) for name, shape in shapes.items()}


def encoder_file(config: Config) -> bytes:
    return infill.serialise(encoder_weights(config), REACH)


@pytest.fixture
def tiny_encoder(tmp_path: Path) -> Encoder:
    (tmp_path / infill.FILE).write_bytes(encoder_file(TINY))
    return infill.load(tmp_path / infill.FILE, TINY)


@pytest.fixture
def conditioned(learnt_engine: Engine, tmp_path: Path) -> Engine:
    (tmp_path / infill.FILE).write_bytes(encoder_file(learnt_engine.config))
    engine = copy(learnt_engine)
    engine.encoder = infill.load(tmp_path / infill.FILE, engine.config)
    return engine


@pytest.fixture
def infilled(tmp_path: Path) -> Checkpoint:
    weights = random_weights(TINY)
    return checkpoint.save(tmp_path / "infilled", TINY, weights, export(TINY, weights), {}, encoder=encoder_file(TINY))


@pytest.mark.parametrize("right", [b"x", b")", b"):\n    return x\n", b"a text that is longer than what is read of it"])
def test_numpy_computes_what_torch_has_learnt(tiny_encoder: Encoder, right: bytes) -> None:
    import torch

    from foretype.training.base.infill_network import InfillNetwork

    network = InfillNetwork(TINY, 6, 10, 14)
    network.load_weights(encoder_weights(TINY))
    hidden = np.random.default_rng(1).normal(0, 1, (3, TINY.d_model)).astype(np.float32)
    with torch.no_grad():
        encoded = network.encode(torch.from_numpy(infill.symbols(right, REACH))[None])
        wanted = network.shift(torch.from_numpy(hidden), encoded.expand(3, -1)).numpy()
    arrival = tiny_encoder.read(right)
    assert arrival is not None
    np.testing.assert_allclose(arrival.shift(hidden), wanted, atol=HALF_PRECISION * np.abs(wanted).max())


def test_the_nearest_byte_is_read_last_and_none_beyond_the_reach() -> None:
    assert infill.symbols(b"abc", 2).tolist() == [ord("b"), ord("a")]
    beyond_the_end = infill.symbols(b"a", 3).tolist()
    assert beyond_the_end[2] == ord("a")
    assert beyond_the_end[0] == beyond_the_end[1] == infill.SYMBOLS - 1


@pytest.mark.parametrize("after", ["", "\n", "  \n\n"])
def test_where_nothing_stands_right_of_the_caret_all_is_as_without_an_encoder(
    conditioned: Engine, learnt_engine: Engine, after: str
) -> None:
    options = SuggestOptions(asked=True, count=3)
    for end in range(0, len(LEARNT_TEXT), 7):
        prefix = Prefix.of(encode(LEARNT_TEXT[:end]))
        answers = [
            suggest(Session(engine, HEADER, mixture.shipped()), prefix, after, options)
            for engine in (conditioned, learnt_engine)
        ]
        assert answers[0] == answers[1]


def test_what_stands_right_of_the_caret_changes_what_is_expected(conditioned: Engine, learnt_engine: Engine) -> None:
    prefix = Prefix.of(b"for na")
    found = [
        Session(engine, HEADER, mixture.shipped()).open(prefix, right, 2).distributions()
        for engine in (conditioned, learnt_engine)
        for right in ("):", "]")
    ]
    assert not np.allclose(found[0], found[1])
    assert not np.allclose(found[0], found[2])


edits = st.lists(st.tuples(st.text("ab(\n ", max_size=20), st.text("c)\n é", max_size=20)), min_size=1, max_size=6)


@given(edits)
def test_a_session_after_any_edits_on_both_sides_expects_what_a_fresh_one_does(
    texts: list[tuple[str, str]],
) -> None:
    engine = _random_engine()
    session = Session(engine, HEADER, mixture.shipped())
    for before, after in texts:
        used, fresh = (
            one.open(Prefix.of(encode(before)), after, 2)
            for one in (session, Session(engine, HEADER, mixture.shipped()))
        )
        for continuations in (used, fresh):
            continuations.advance([ord("x"), ord(")")])
        distributions = used.distributions()
        np.testing.assert_array_equal(distributions, fresh.distributions())
        np.testing.assert_allclose(distributions.sum(axis=1), 1, atol=1e-4)


_ENGINES: list[Engine] = []


def _random_engine() -> Engine:
    """Return one engine for all examples: hypothesis calls the test many times."""
    if not _ENGINES:
        engine = Engine(TINY, export(TINY, random_weights(TINY)))
        weights = {name: value.astype(np.float32) for name, value in encoder_weights(TINY).items()}
        engine.encoder = Encoder.of_torch(weights, REACH, TINY)
        _ENGINES.append(engine)
    return _ENGINES[0]


def test_an_encoder_is_kept_with_its_model(infilled: Checkpoint, tiny_checkpoint: Checkpoint) -> None:
    assert checkpoint.load(infilled.folder).engine().encoder is not None
    assert checkpoint.load(tiny_checkpoint.folder).engine().encoder is None


@pytest.mark.parametrize("damage", ["truncated", "missing", "garbage", "not listed"])
def test_a_damaged_encoder_is_refused_in_one_line(
    infilled: Checkpoint, tiny_checkpoint: Checkpoint, damage: str
) -> None:
    path = infilled.folder / infill.FILE
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "not listed":
        path = tiny_checkpoint.folder / infill.FILE
        path.write_bytes(content)
    else:
        path.write_bytes(b"#" * len(content) if damage == "garbage" else content[:-1])
    with pytest.raises(CheckpointError, match=r"infill\.safetensors") as refusal:
        checkpoint.load(path.parent).engine()
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("other", [replace(TINY, d_model=32), replace(TINY, vocab_size=300)])
def test_an_encoder_of_another_network_is_refused_in_one_line(tmp_path: Path, other: Config) -> None:
    (tmp_path / infill.FILE).write_bytes(encoder_file(TINY))
    with pytest.raises(CheckpointError, match=r"does not hold an encoder for this network") as refusal:
        infill.load(tmp_path / infill.FILE, other)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("reach", np.array([0])), ("reach", np.array([1, 2])), ("from_state.bias", np.full(14, np.nan, np.float32))],
)
def test_an_encoder_with_values_that_cannot_be_is_refused(tmp_path: Path, name: str, value: np.ndarray) -> None:
    from safetensors.numpy import load, save

    (tmp_path / infill.FILE).write_bytes(save(load(encoder_file(TINY)) | {name: value}))
    with pytest.raises(CheckpointError, match=r"does not hold an encoder"):
        infill.load(tmp_path / infill.FILE, TINY)
