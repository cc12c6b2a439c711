"""Batches: streams that go on from batch to batch, every byte once an epoch, the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from foretype.model.tokens import BEGIN, DOCUMENT, EXCERPT, excerpt_header
from foretype.model.vocabulary import Vocabulary
from foretype.training import batches as module
from foretype.training.batches import Batches, PlainText
from foretype.training.corpus import SourceFile, read


@pytest.fixture
def files(project: Path) -> tuple[SourceFile, ...]:
    return read([project]).files


@pytest.fixture
def without_resets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RESET_SHARE", 0.0)


@pytest.mark.usefixtures("without_resets")
def test_each_lane_goes_on_where_it_ended(files: tuple[SourceFile, ...]) -> None:
    batches = Batches(files, batch_size=3, seq_len=32, seed=0)
    for number in range(1, batches.steps_per_epoch):
        before, after = batches[number - 1], batches[number]
        np.testing.assert_array_equal(before.tokens[:, -1], after.tokens[:, 0])
        assert not after.resets.any()


@pytest.mark.parametrize("batch_size", [1, 3])
def test_an_epoch_reads_the_ring_of_all_files_once_but_for_a_few_bytes(
    files: tuple[SourceFile, ...], batch_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RESET_SHARE", 0.0)
    batches = Batches(files, batch_size, seq_len=16, seed=0)
    lanes = np.concatenate([batches[n].tokens[:, :-1] for n in range(batches.steps_per_epoch)], axis=1)
    whole = [file.header + file.text for file in files]
    assert sum(map(len, whole)) - (16 + 1) * (batch_size + 1) <= lanes.size <= sum(map(len, whole))
    opened = b"|".join(lane.tobytes() for lane in lanes).count(bytes([BEGIN]))
    assert len(files) - 1 <= opened <= len(files)


def test_every_byte_is_read_before_long_however_small_the_text(tmp_path: Path) -> None:
    text = bytes(range(32, 127)).decode() + "\n"
    (tmp_path / "a").write_text(text)
    batches = Batches(read([tmp_path]).files, batch_size=1, seq_len=64, seed=0)
    seen = {byte for n in range(40) for byte in batches[n].tokens[0, 1:].tobytes()}
    assert set(text.encode()) <= seen


def test_a_batch_is_a_function_of_seed_and_number(files: tuple[SourceFile, ...]) -> None:
    forward, backward = Batches(files, 2, 32, seed=5), Batches(files, 2, 32, seed=5)
    numbers = list(range(2 * forward.steps_per_epoch + 3))
    expected = {number: forward[number] for number in numbers}
    for number in reversed(numbers):
        np.testing.assert_array_equal(backward[number].tokens, expected[number].tokens)
        np.testing.assert_array_equal(backward[number].resets, expected[number].resets)


@pytest.mark.usefixtures("without_resets")
def test_epochs_and_seeds_come_in_different_orders(files: tuple[SourceFile, ...]) -> None:
    def opened(seed: int, number: int) -> tuple[bytes, ...]:
        batches = Batches(files, 1, 64, seed)
        start = number * batches.steps_per_epoch
        text = b"".join(batches[start + step].tokens[0, :-1].tobytes() for step in range(batches.steps_per_epoch))
        return tuple(piece.split(bytes([DOCUMENT]))[0] for piece in text.split(bytes([BEGIN]))[1:])

    assert len({opened(seed, number) for seed in (5, 6) for number in range(3)}) == 6


def test_a_lane_that_forgets_reads_the_header_of_its_file_again(files: tuple[SourceFile, ...]) -> None:
    batches = Batches(files, 4, 64, seed=1)
    seen = 0
    for number in range(3 * batches.steps_per_epoch):
        batch = batches[number]
        for lane in np.flatnonzero(batch.resets):
            assert batch.tokens[lane, 0] == BEGIN
            tokens = batch.tokens[lane].tobytes()
            opened = [file for file in files if tokens.startswith(excerpt_header(file.header)[:64])]
            assert opened
            seen += 1
    assert 0.01 < seen / (3 * batches.steps_per_epoch * batches.batch_size) < 0.2


def test_a_window_holds_its_own_bytes_and_starts_from_nothing(files: tuple[SourceFile, ...]) -> None:
    windows = Batches(files, 3, 32, seed=0, carry_state=False)
    ring = b"".join(file.header + file.text for file in files)
    read = []
    for number in range(windows.steps_per_epoch):
        batch = windows[number]
        assert batch.resets.all()
        read.append(batch.tokens[:, :-1])
    assert len(np.concatenate(read).ravel()) >= len(ring) - (32 + 1) * (3 + 1)
    text = np.concatenate(read, axis=1).tobytes()
    assert bytes([EXCERPT]) not in text  # where a stream that forgets reads a header again, a window holds text alone


@pytest.mark.usefixtures("without_resets")
def test_windows_and_streams_read_the_same_bytes_in_the_same_order(files: tuple[SourceFile, ...]) -> None:
    streams, windows = Batches(files, 3, 32, seed=0), Batches(files, 3, 32, seed=0, carry_state=False)
    assert streams.steps_per_epoch == windows.steps_per_epoch
    for number in range(2 * streams.steps_per_epoch):
        np.testing.assert_array_equal(streams[number].tokens, windows[number].tokens)


@pytest.mark.parametrize("length", [2, 3, 40, 200])
def test_a_text_too_small_for_the_batch_gets_fewer_and_shorter_lanes(tmp_path: Path, length: int) -> None:
    (tmp_path / "a").write_text("x" * length)
    batches = Batches(read([tmp_path]).files, batch_size=64, seq_len=256, seed=0)
    assert batches.batch_size >= 1
    assert batches[0].tokens.shape == (batches.batch_size, batches.seq_len + 1)


@pytest.mark.usefixtures("without_resets")
def test_a_file_of_half_the_weight_is_read_in_half_of_the_epochs() -> None:
    heavy, light = PlainText(b"\xff", b"a" * 400), PlainText(b"\xff", b"b" * 400, weight=0.5)
    batches = Batches([heavy, light], batch_size=1, seq_len=50, seed=0)
    epochs = [
        b"".join(batches[epoch * batches.steps_per_epoch + step].tokens.tobytes() for step in range(10))
        for epoch in range(60)
    ]
    assert all(b"a" in epoch for epoch in epochs)
    assert 15 < sum(b"b" in epoch for epoch in epochs) < 45


@pytest.mark.usefixtures("without_resets")
def test_words_are_laid_out_as_bytes_are(files: tuple[SourceFile, ...]) -> None:
    vocabulary = Vocabulary.of([file.text for file in files], most=50)
    batches = Batches(files, 2, 32, seed=0, vocabulary=vocabulary)
    whole = b"".join(file.header + file.text for file in files)
    assert batches.bytes_per_token == len(whole) / len(vocabulary.encode(whole)) > 1.5
    assert batches.bytes_per_batch == round(2 * 32 * batches.bytes_per_token)
    lane = np.concatenate([batches[n].tokens[0, :-1] for n in range(batches.steps_per_epoch)])
    read = vocabulary.decode(lane)
    opened = [piece for piece in read.split(bytes([BEGIN]))[1:-1] if piece]
    texts = [(file.header + file.text)[1:] for file in files]
    assert opened
    assert all(piece in texts for piece in opened)
