"""What tests of all parts share: a tiny network with random weights, exported, on disk, in milliseconds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from foretype.model import checkpoint
from foretype.model.checkpoint import Checkpoint
from foretype.model.config import Config
from foretype.model.engine import Engine
from foretype.model.export import export
from foretype.model.mixture import Mixture, gate_of
from foretype.model.native import shape
from foretype.model.registry import DATA_DIR_VARIABLE, Registry
from foretype.model.vocabulary import Vocabulary
from foretype.model.word_engine import WordEngine

settings.register_profile("untimed", deadline=None)  # how fast a test runs says nothing about what it tests
settings.register_profile("fuzz", deadline=None, max_examples=2000, print_blob=True)  # `make fuzz`
settings.load_profile("untimed")

TINY = Config(cell="lstm", n_layer=2, d_model=24, d_embed=8)
WORDS = Vocabulary((b"\n    ", b" the", b"..", b"th", b"the", b"there"))
"""Pieces that begin alike, one within another, as vocabularies have them."""


def random_weights(config: Config, seed: int = 0, scale: float = 0.6) -> dict[str, np.ndarray]:
    """Return weights large enough that every byte read changes what comes next."""
    from foretype.model.network import Network

    draws = np.random.default_rng(seed)
    shapes = {name: value.shape for name, value in Network(config).weights().items()}
    return {name: draws.normal(0, scale, shape).astype(np.float32) for name, shape in shapes.items()}


def word_engine(*, int8: bool = True) -> WordEngine:
    """Return a tiny network of words with random weights."""
    config = replace(TINY, vocab_size=WORDS.size)
    return WordEngine(config, export(config, random_weights(config, scale=0.4), int8=int8), WORDS)


def network_alone() -> Mixture:
    """Return a mixture that listens to the network only, for tests of what a network has learnt."""
    sizes = shape()
    blend, refined = np.zeros(sizes.buckets, np.float32), np.zeros(sizes.refine_buckets, np.float32)
    nothing = np.zeros((sizes.features, sizes.hidden), np.float32), np.zeros(sizes.hidden, np.float32)
    weights = np.zeros(sizes.weights, np.float32)
    weights[-1] = 1.0
    return Mixture(
        blend, blend, refined, gate_of(*nothing, np.zeros((sizes.hidden, sizes.weights), np.float32), weights)
    )


@pytest.fixture(scope="session", autouse=True)
def nobodys_git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep out what whoever runs the tests has told their git to leave out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("configuration")))
        yield


@pytest.fixture(scope="session")
def tiny_engine() -> Engine:
    return Engine(TINY, export(TINY, random_weights(TINY)))


@pytest.fixture
def tiny_checkpoint(tmp_path: Path) -> Checkpoint:
    weights = random_weights(TINY)
    return checkpoint.save(tmp_path / "tiny", TINY, weights, export(TINY, weights), {"note": "random"})


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Return an empty registry that this process and its children take for the user's."""
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path / "data"))
    return Registry.default()


@pytest.fixture
def tiny_registry(registry: Registry) -> Registry:
    """Return the registry with the tiny network promoted as `tiny`."""
    weights = random_weights(TINY)
    registry.promote("tiny", registry.add("tiny", TINY, weights, export(TINY, weights), {}))
    registry.use("tiny")
    return registry


LEARNT_TEXT = """\
def visit(names: list[str]) -> None:
    for name in names:
        print(name)


def count(names: list[str]) -> int:
    total = 0
    for name in names:
        total += len(name)
    return total


# Größe: naïve 😀
"""


@pytest.fixture(scope="session")
def one_torch_thread() -> None:
    """Keep torch to one thread: networks as small as the tests' gain nothing from two and wait for a busy core."""
    import torch

    torch.set_num_threads(1)


def write_project(folder: Path, count: int) -> Path:
    """Write a folder of files that are like `LEARNT_TEXT`, each a little other than the rest, and return it."""
    folder.mkdir()
    for number in range(count):
        (folder / f"names_{number}.py").write_text(LEARNT_TEXT.replace("total", f"total_{number}"), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def learnt_engine(one_torch_thread: None) -> Engine:  # noqa: ARG001
    """Return a network that has learnt one small file by heart."""
    from foretype.model.language import header_of
    from foretype.training.batches import Batches, PlainText
    from foretype.training.train import start, train
    from foretype.training.train_config import TrainConfig

    # a fixed path: it is part of what is learnt, and the same network must come out at every run
    files = [PlainText(header_of("/project/names.py"), LEARNT_TEXT.encode())]
    config = Config(cell="lstm", n_layer=1, d_model=96, d_embed=24)
    options = TrainConfig(epochs=160, batch_size=1, seq_len=32, learning_rate=0.01, dropout=0, evaluations=1)
    batches = Batches(files, options.batch_size, options.seq_len, seed=1)
    run = start(config, options, batches.batch_size)
    for _ in train(run, batches, files, options):
        pass
    return Engine(config, export(config, run.network.weights()))
