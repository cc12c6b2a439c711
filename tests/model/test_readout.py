"""What is read from a state: it belongs to one network, comes back from disk, and is refused when it does not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import TINY, random_weights

from foretype.model import checkpoint
from foretype.model.checkpoint import Checkpoint, with_readout
from foretype.model.classify import STRIDE, classify
from foretype.model.engine import Engine
from foretype.model.errors import CheckpointError
from foretype.model.export import export
from foretype.model.readout import KINDS, Readout, Regression

FEATURES = len(TINY.state_names) * TINY.d_model


def regression(labels: tuple[str, ...], seed: int = 0, features: int = FEATURES) -> Regression:
    draws = np.random.default_rng(seed)
    # quarters, which half precision holds
    weights = (draws.integers(-8, 8, (len(labels), features)) / 4).astype(np.float32)
    bias = draws.normal(0, 1, len(labels)).astype(np.float32)
    return Regression(
        labels, weights, bias, draws.normal(0, 1, features).astype(np.float32), np.ones(features, np.float32)
    )


READOUT = Readout(regression(("c", "python", "rst")), regression(KINDS, 1))


@pytest.fixture
def read_checkpoint(tiny_checkpoint: Checkpoint, tmp_path: Path) -> Checkpoint:
    return with_readout(tiny_checkpoint, tmp_path / "read", READOUT)


def test_a_readout_comes_back_from_a_copy_of_its_model(
    read_checkpoint: Checkpoint, tiny_checkpoint: Checkpoint
) -> None:
    copied = checkpoint.load(read_checkpoint.folder)
    assert (copied.config, copied.metrics()) == (tiny_checkpoint.config, tiny_checkpoint.metrics())
    found = copied.readout()
    for one, other in ((found.language, READOUT.language), (found.kind, READOUT.kind)):
        assert one.labels == other.labels
        for name in ("weights", "bias", "centre", "scale"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_model_without_one_says_which_model_has_one(tiny_checkpoint: Checkpoint) -> None:
    with pytest.raises(CheckpointError, match="--model base"):
        tiny_checkpoint.readout()


def test_a_readout_of_another_network_is_refused(read_checkpoint: Checkpoint) -> None:
    other = export(TINY, random_weights(TINY, seed=9))
    graph = read_checkpoint.folder / "network.onnx"
    assert len(other) == graph.stat().st_size
    graph.write_bytes(other)
    with pytest.raises(CheckpointError, match="another network"):
        checkpoint.load(read_checkpoint.folder).readout()


@pytest.mark.parametrize("damage", ["truncated", "missing", "not listed"])
def test_a_readout_of_another_size_makes_the_model_damaged(
    read_checkpoint: Checkpoint, tiny_checkpoint: Checkpoint, damage: str
) -> None:
    path = read_checkpoint.folder / "readout.safetensors"
    content = path.read_bytes()
    path.unlink()
    if damage == "truncated":
        path.write_bytes(content[:-1])
    if damage == "not listed":
        (tiny_checkpoint.folder / path.name).write_bytes(content)
    with pytest.raises(CheckpointError, match=r"readout\.safetensors is damaged"):
        checkpoint.load((tiny_checkpoint if damage == "not listed" else read_checkpoint).folder)


@pytest.mark.parametrize(
    "wrong",
    [
        b"#" * 40,
        Readout(regression(("c", "python"), features=8), regression(KINDS)).to_bytes(b""),
        Readout(regression(("c", "python")), regression(("code", "prose"))).to_bytes(b""),
    ],
    ids=["garbage", "features", "kinds"],
)
def test_what_does_not_fit_is_refused_in_one_line(read_checkpoint: Checkpoint, wrong: bytes) -> None:
    (read_checkpoint.folder / "readout.safetensors").write_bytes(wrong)
    with pytest.raises(CheckpointError, match=r"readout\.safetensors is damaged") as refusal:
        Checkpoint(read_checkpoint.folder, read_checkpoint.config).readout()
    assert "\n" not in str(refusal.value)


def test_weights_that_are_no_numbers_are_refused() -> None:
    good = regression(("c", "python"))
    with pytest.raises(ValueError, match="bias must be finite"):
        Regression(good.labels, good.weights, good.bias * np.float32("nan"), good.centre, good.scale)


texts = st.binary(min_size=1, max_size=5 * STRIDE) | st.text("a \t\n#é", min_size=1, max_size=90).map(str.encode)


@given(texts)
def test_any_text_has_a_language_and_a_kind_in_each_line_that_shows_something(tiny_engine: Engine, text: bytes) -> None:
    found = classify(tiny_engine, READOUT, text)
    assert set(found.languages) == {"c", "python", "rst"}
    assert sum(found.languages.values()) == pytest.approx(1)
    assert list(found.languages.values()) == sorted(found.languages.values(), reverse=True)
    assert found.language == next(iter(found.languages))
    lines = text.split(b"\n")
    assert [kind is None for kind in found.lines] == [not line.strip(b" \t\r") for line in lines]
    assert sum(found.kinds.values()) == pytest.approx(1 if any(found.lines) else 0)


def test_the_same_text_is_told_the_same(tiny_engine: Engine) -> None:
    text = b"def one():\n    return 1  # and so on\n" * 5
    assert classify(tiny_engine, READOUT, text) == classify(tiny_engine, READOUT, text)
