"""Streams of the base model's text: whole stretches, cold starts, and the same again for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from foretype.model.tokens import BEGIN, DOCUMENT, EXCERPT
from foretype.training import shards
from foretype.training.base.streams import BEGINNINGS, SHORTEST_BEGINNING, SHORTEST_STRETCH, Library, Streams
from foretype.training.shards import ShardedText

LINES = [f"    value_{number} = compute({number})\n".encode() for number in range(4000)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with shards.new_shards(tmp_path / "train") as writer:
        writer.add(ShardedText("src/long.py", "long", b"".join(LINES)))
        writer.add(ShardedText("src/short.py", "short", b"".join(LINES[:40])))
        writer.add(ShardedText("tiny.py", "tiny", b"x = 1\n"))
    return tmp_path / "train"


def streams(folder: Path, seed: int = 0) -> Streams:
    return Streams(Library(folder, {}, shortest=65), batch_size=4, seq_len=64, seed=(seed, 0))


def test_a_chunk_goes_on_where_the_one_before_ended_unless_it_says_otherwise(folder: Path) -> None:
    source = streams(folder)
    before = source.next()
    assert before.resets.all()
    for _ in range(200):
        batch = source.next()
        for lane in range(4):
            if batch.resets[lane]:
                assert batch.tokens[lane, 0] == BEGIN
            else:
                assert batch.tokens[lane, 0] == before.tokens[lane, -1]
        before = batch


def test_every_stretch_is_a_header_and_text_from_a_line_start(folder: Path) -> None:
    source = streams(folder)
    whole = b"".join(LINES)
    for _ in range(100):
        batch = source.next()
        for lane in np.flatnonzero(batch.resets):
            tokens = batch.tokens[lane].tobytes()
            end = next(i for i, token in enumerate(tokens) if token in (DOCUMENT, EXCERPT))
            text = tokens[end + 1 :]
            if tokens[end] == DOCUMENT:
                assert whole.startswith(text)
            else:
                assert b"\n" + text in whole


def test_the_same_seed_reads_the_same(folder: Path) -> None:
    one, other = streams(folder), streams(folder)
    for _ in range(50):
        left, right = one.next(), other.next()
        np.testing.assert_array_equal(left.tokens, right.tokens)
        np.testing.assert_array_equal(left.resets, right.resets)


def test_another_seed_reads_something_else(folder: Path) -> None:
    assert (streams(folder, 0).next().tokens != streams(folder, 1).next().tokens).any()


def test_packages_are_drawn_by_weight_and_short_texts_not_at_all(folder: Path) -> None:
    draws = np.random.default_rng(0)
    usual = Library(folder, {}, shortest=65)
    paths = {usual.draw(draws)[0] for _ in range(2000)}
    assert paths == {"src/long.py", "src/short.py"}
    weighted = Library(folder, {"long": 0.0}, shortest=65)
    assert {weighted.draw(draws)[0] for _ in range(50)} == {"src/short.py"}


def test_beginnings_are_drawn_whatever_the_size_of_a_file_and_half_of_them_by_a_common_name(tmp_path: Path) -> None:
    with shards.new_shards(tmp_path / "train") as writer:
        for number in range(12):
            writer.add(ShardedText(f"p{number}/setup.py", f"p{number}", b"import setuptools\n" * 20))
        writer.add(ShardedText("src/huge.py", "huge", b"".join(LINES)))
        writer.add(ShardedText("src/other.py", "huge", b"".join(LINES[:40])))
    library, draws = Library(tmp_path / "train", {}, shortest=65), np.random.default_rng(0)
    paths = [library.draw_for_beginning(draws)[0] for _ in range(2000)]
    common = sum(path.endswith("setup.py") for path in paths) / len(paths)
    assert common == pytest.approx(0.5 + 0.5 * 12 / 14, abs=0.05)
    assert paths.count("src/huge.py") == pytest.approx(paths.count("src/other.py"), rel=0.5)


def test_most_stretches_begin_at_a_file_s_first_byte(folder: Path) -> None:
    source = streams(folder)
    opened: list[bool] = []
    for _ in range(400):
        batch = source.next()
        starts = batch.tokens[batch.resets]
        opened += [next(t for t in tokens if t in (DOCUMENT, EXCERPT)) == DOCUMENT for tokens in starts]
    assert sum(opened) / len(opened) > BEGINNINGS - 0.1


def test_a_chunk_may_be_longer_than_the_shortest_stretch(folder: Path) -> None:
    seq_len = 2 * SHORTEST_BEGINNING
    source = Streams(Library(folder, {}, shortest=seq_len + 1), batch_size=4, seq_len=seq_len, seed=(0, 0))
    begun = [batch.tokens[batch.resets] for batch in (source.next() for _ in range(50))]
    assert all((tokens[:, 0] == BEGIN).all() for tokens in begun)
    assert sum(len(tokens) for tokens in begun) > 4  # more than the first of each lane


def test_a_stretch_that_ends_within_a_chunk_is_drawn_again(tmp_path: Path) -> None:
    with shards.new_shards(tmp_path / "train") as writer:
        writer.add(ShardedText("wide.py", "wide", (b"x" * (SHORTEST_STRETCH - 99) + b"\n") * 40))
    source = Streams(Library(tmp_path / "train", {}, shortest=1025), batch_size=4, seq_len=1024, seed=(0, 0))
    assert {source.next().tokens.shape for _ in range(100)} == {(4, 1025)}
