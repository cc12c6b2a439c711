"""Gaps, the training of what reads right of them, and the report on what that is worth."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import LEARNT_TEXT

from foretype.model import checkpoint, mixture
from foretype.model.config import Config
from foretype.model.engine import Engine
from foretype.model.errors import CheckpointError
from foretype.model.export import export
from foretype.model.network import Network
from foretype.model.session import Session
from foretype.model.state_cache import StateCache
from foretype.model.suggest import SuggestOptions, suggest
from foretype.model.tokens import encode, header
from foretype.model.window import Prefix
from foretype.training import shards
from foretype.training.base import infill_network
from foretype.training.base.__main__ import main
from foretype.training.base.gaps import gaps
from foretype.training.base.infill import FILE, InfillRun, Sizes, start, train
from foretype.training.base.infill_engine import InfillEngine
from foretype.training.base.infill_network import InfillNetwork, symbols
from foretype.training.base.infill_report import BETWEEN_LINES, WITHIN_LINE, Rows, drawn, figures, meet
from foretype.training.base.projects import Project
from foretype.training.base.streams import Library
from foretype.training.base.train import BaseConfig, restore, save
from foretype.training.shards import ShardedText

HEADER = header("/project/names.py", "python")
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


def test_gaps_end_within_lines_and_with_them() -> None:
    ends = [gap.end for seed in range(9) for gap in gaps(TEXT, len(TEXT), np.random.default_rng(seed))]
    assert {TEXT[end : end + 1] == b"\n" for end in ends} == {True, False}


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
def test_a_sitting_leaves_an_encoder_and_a_log(folder: Path, tmp_path: Path) -> None:
    weights = Network(CONFIG).weights()
    model = checkpoint.save(tmp_path / "model", CONFIG, weights, export(CONFIG, weights), {})
    run = tmp_path / "run"
    options = ["--minutes", "0.05", "--encoder", "8", "--mix", "8", "--reach", "8"]
    paths = ["--shards", str(folder), "--model", str(model.folder), "--to", str(run)]
    assert CliRunner().invoke(main, ["infill", *paths, *options]).exit_code == 0
    assert json.loads((run / "log.jsonl").read_text().splitlines()[0])["step"] == 1
    assert infill_network.load(run / FILE, CONFIG).reach == 8


def random_network(config: Config, to: Path) -> InfillNetwork:
    """Return an encoder that changes what is expected, as it comes back from the disk."""
    torch.manual_seed(1)
    network = InfillNetwork(config, 6, 10, 14, SIZES.reach)
    torch.nn.init.normal_(network.to_logits.weight)
    infill_network.save(to / FILE, network)
    return infill_network.load(to / FILE, config)


def test_the_nearest_byte_is_read_last_and_none_beyond_the_reach() -> None:
    assert symbols(b"abc", 2).tolist() == [ord("b"), ord("a")]
    assert symbols(b"a", 3).tolist() == [256, 256, ord("a")]


@pytest.mark.parametrize("damage", ["truncated", "missing", "garbage"])
def test_a_damaged_encoder_is_refused_in_one_line(tmp_path: Path, damage: str) -> None:
    random_network(CONFIG, tmp_path)
    path = tmp_path / FILE
    content = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(b"#" * len(content) if damage == "garbage" else content[:-1])
    with pytest.raises(CheckpointError, match=r"does not hold an encoder") as refusal:
        infill_network.load(path, CONFIG)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("other", [replace(CONFIG, d_model=32), replace(CONFIG, vocab_size=300)])
def test_an_encoder_of_another_network_is_refused_in_one_line(tmp_path: Path, other: Config) -> None:
    random_network(CONFIG, tmp_path)
    with pytest.raises(CheckpointError, match=r"does not hold an encoder for this network") as refusal:
        infill_network.load(tmp_path / FILE, other)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("after", ["", "\n", "  \n\n"])
def test_where_nothing_stands_right_of_the_caret_all_is_as_with_the_engine_alone(
    learnt_engine: Engine, tmp_path: Path, after: str
) -> None:
    knowing = InfillEngine(learnt_engine, random_network(learnt_engine.config, tmp_path), encode(after))
    for end in range(0, len(LEARNT_TEXT), 29):
        prefix = Prefix.of(encode(LEARNT_TEXT[:end]))
        answers = [
            suggest(Session(engine, HEADER, mixture.shipped()), prefix, after, SuggestOptions(asked=True))
            for engine in (learnt_engine, knowing)
        ]
        assert answers[0] == answers[1]


def test_the_right_changes_what_is_expected_and_no_state(learnt_engine: Engine, tmp_path: Path) -> None:
    network = random_network(learnt_engine.config, tmp_path)
    prefix = Prefix.of(b"for na")
    engines = [learnt_engine, *(InfillEngine(learnt_engine, network, right) for right in (b"):", b"]"))]
    readings = [StateCache(engine, HEADER).read(prefix) for engine in engines]
    for one, other in pairwise(readings):
        assert not np.allclose(one.logits, other.logits)
        for part, same in zip(one.state.arrays, other.state.arrays, strict=True):
            np.testing.assert_array_equal(part, same)
    for engine in engines:
        lanes = Session(engine, HEADER, mixture.shipped()).open(prefix, "):", 2)
        lanes.advance([ord("m"), ord("x")])
        np.testing.assert_allclose(lanes.distributions().sum(axis=1), 1, atol=1e-4)


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
    network = InfillNetwork(learnt_engine.config, 6, 10, 14, SIZES.reach)
    kept = Rows(tmp_path / "rows")
    places = {WITHIN_LINE: 3, BETWEEN_LINES: 3}
    kept.add(PROJECT.name, meet(PROJECT, learnt_engine, network, mixture.shipped(), places, seed=0))
    assert Rows(tmp_path / "rows").rows == kept.rows
    for rows in figures(list(kept.rows.values())).values():
        assert rows["places"] == 3
        for name in ("exact_network", "exact_mixture", "bits_network", "bits_mixture", "saved", "precision"):
            assert rows[name]["without"] == rows[name]["with"]
            assert rows[name]["difference"] == 0
