"""Gaps, the training of what reads right of them, and the report on what that is worth."""

from __future__ import annotations

import json
from copy import copy
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import LEARNT_TEXT

from foretype.model import checkpoint, infill, mixture
from foretype.model.config import Config
from foretype.model.engine import Engine
from foretype.model.export import export
from foretype.model.network import Network
from foretype.training import shards
from foretype.training.base.__main__ import main
from foretype.training.base.gaps import gaps
from foretype.training.base.infill import InfillRun, Sizes, start, train
from foretype.training.base.infill_report import BETWEEN_LINES, WITHIN_LINE, Rows, drawn, figures, meet
from foretype.training.base.projects import Project
from foretype.training.base.streams import Library
from foretype.training.base.train import BaseConfig, restore, save
from foretype.training.shards import ShardedText

CONFIG = Config(n_layer=1, d_model=16, d_embed=8)
SIZES = Sizes(d_embed=8, d_encoder=16, d_mix=16, reach=8, lanes=4, steps=96)
OPTIONS = BaseConfig(minutes=0.1, learning_rate=0.02, warmup_steps=2)
TEXT = LEARNT_TEXT.encode()
PROJECT = Project("one", (("a.py", TEXT),), (("b.py", TEXT), ("c.py", TEXT)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return shards in which the letter right of a gap says which letters are missing in it."""
    draws = np.random.default_rng(0)
    lines = [bytes([letter]) * 12 + b"\n" for letter in draws.integers(ord("a"), ord("z"), 4000).tolist()]
    with shards.new_shards(tmp_path / "shards" / "train") as writer:
        writer.add(ShardedText("src/letters.txt", "letters", b"".join(lines)))
    return tmp_path / "shards"


def begin() -> InfillRun:
    torch.manual_seed(0)
    return start(Network(CONFIG).requires_grad_(requires_grad=False), OPTIONS, SIZES)


def advance(run: InfillRun, folder: Path, to: Path) -> list[float]:
    library = Library(folder / "train", {}, 400)
    return [step.bits for step in train(run, OPTIONS, SIZES, library, np.random.default_rng(0), to)]


@given(st.text("ab_ (),\n\té", min_size=1, max_size=300).map(str.encode), st.integers(0, 99))
def test_gaps_end_where_a_line_or_a_word_does_and_something_stands_right_of_them(text: bytes, seed: int) -> None:
    found = list(gaps(text, len(text), np.random.default_rng(seed)))
    for gap in found:
        assert 0 <= gap.start <= gap.end < len(text)
        assert text[gap.end :].strip()
        text[gap.end :].decode()  # no character is torn
    for gap, following in pairwise(found):
        assert following.start >= gap.end
    if b"\n" in text.strip():
        assert found


@pytest.mark.usefixtures("one_torch_thread")
def test_it_begins_with_what_the_base_predicts_and_learns_from_the_right(folder: Path, tmp_path: Path) -> None:
    run = begin()
    before = {name: value.clone() for name, value in run.base.state_dict().items()}
    more_than_alone = advance(run, folder, tmp_path)
    assert abs(more_than_alone[0]) < 0.01
    assert more_than_alone[-1] < -1
    for name, value in run.base.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


@pytest.mark.usefixtures("one_torch_thread")
def test_what_was_saved_goes_on(folder: Path, tmp_path: Path) -> None:
    run = begin()
    advance(run, folder, tmp_path)
    save(run, tmp_path / "stable")
    later = begin()
    restore(later, tmp_path / "stable")
    assert (later.step, later.nbytes) == (run.step, run.nbytes)
    for name, value in run.network.state_dict().items():
        torch.testing.assert_close(later.network.state_dict()[name], value, rtol=0, atol=0)
    assert advance(later, folder, tmp_path)[0] < -1


@pytest.mark.usefixtures("one_torch_thread")
def test_a_sitting_leaves_an_encoder_that_ships_with_the_network(folder: Path, tmp_path: Path) -> None:
    weights = Network(CONFIG).weights()
    model = checkpoint.save(tmp_path / "model", CONFIG, weights, export(CONFIG, weights), {})
    run = tmp_path / "run"
    options = ["--minutes", "0.05", "--encoder", "8", "--mix", "8", "--reach", "8"]
    paths = ["--shards", str(folder), "--model", str(model.folder), "--to", str(run)]
    assert CliRunner().invoke(main, ["infill", *paths, *options]).exit_code == 0
    assert json.loads((run / "log.jsonl").read_text().splitlines()[0])["step"] == 1
    arguments = ["ship", str(model.folder), str(tmp_path / "base"), "--encoder", str(run / infill.FILE)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    encoder = checkpoint.load(tmp_path / "base").encoder()
    assert encoder is not None
    assert encoder.reach == 8


def test_places_are_the_same_every_time_and_put_together_they_are_the_file() -> None:
    for kind in (WITHIN_LINE, BETWEEN_LINES):
        places = list(drawn(PROJECT, kind, 6, seed=3))
        assert places == list(drawn(PROJECT, kind, 6, seed=3))
        assert len(places) == 6
        for place in places:
            assert place.before + place.missing + place.after == LEARNT_TEXT
            assert place.after.startswith("\n") or kind == WITHIN_LINE
            assert "\n" not in place.missing or kind == BETWEEN_LINES


def test_an_encoder_that_adds_nothing_is_worth_nothing(learnt_engine: Engine, tmp_path: Path) -> None:
    engine = copy(learnt_engine)
    network = start(Network(engine.config), OPTIONS, SIZES).network
    path = tmp_path / infill.FILE
    path.write_bytes(infill.serialise(network.weights(), SIZES.reach))
    engine.encoder = infill.load(path, engine.config)
    kept = Rows(tmp_path / "rows")
    kept.add(PROJECT.name, meet(PROJECT, engine, mixture.shipped(), {WITHIN_LINE: 3, BETWEEN_LINES: 3}, seed=0))
    assert Rows(tmp_path / "rows").rows == kept.rows
    for rows in figures(list(kept.rows.values())).values():
        assert rows["places"] == 3
        for name in ("exact_network", "exact_mixture", "bits_network", "bits_mixture", "saved", "precision"):
            assert rows[name]["without"] == rows[name]["with"]
            assert rows[name]["difference"] == 0
