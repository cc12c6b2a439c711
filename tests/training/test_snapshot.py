"""An unfinished run that is damaged ends in one line, however it is damaged."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from foretype.model.config import Config
from foretype.model.errors import CheckpointError
from foretype.training import snapshot
from foretype.training.train import start
from foretype.training.train_config import TrainConfig


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    options = TrainConfig(epochs=1, batch_size=2, seq_len=8)
    path = tmp_path / "mine.safetensors"
    snapshot.save(path, start(Config(n_layer=1, d_model=8, d_embed=4), options, 2), options, "text")
    return path


def test_a_run_that_goes_on_needs_its_file_no_more(saved: Path) -> None:
    run, _, _ = snapshot.load(saved)
    weights = {name: value.clone() for name, value in run.network.state_dict().items()}
    found = [value.clone() for value in run.state]
    other = b"\x55" * saved.stat().st_size
    with saved.open("rb+") as file:
        file.write(other)
    assert all(bool((run.network.state_dict()[name] == value).all()) for name, value in weights.items())
    assert all(bool((now == before).all()) for now, before in zip(run.state, found, strict=True))


def test_a_run_that_is_cut_short_anywhere_is_refused_in_one_line(saved: Path) -> None:
    whole = saved.read_bytes()
    for length in range(0, len(whole), 97):
        saved.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match="damaged"):
            snapshot.load(saved)


@pytest.mark.parametrize("key", ["format", "config", "train_config", "fingerprint", "counters"])
@pytest.mark.parametrize("value", [None, [], {}, "x", -1, 10**12])
def test_a_run_that_describes_itself_wrongly_is_refused_or_only_named_otherwise(
    saved: Path, key: str, value: object
) -> None:
    whole = saved.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8 : 8 + length])
    about = json.loads(header["__metadata__"]["run"])
    header["__metadata__"]["run"] = json.dumps({**about, key: value})
    changed = json.dumps(header).encode()
    saved.write_bytes(len(changed).to_bytes(8, "little") + changed + whole[8 + length :])
    try:
        snapshot.load(saved)
    except CheckpointError as error:
        assert "train without --resume" in str(error)  # noqa: PT017  # either is right
    else:
        assert key in ("fingerprint", "train_config")


def test_bytes_that_flip_in_a_run_are_refused_or_change_numbers_only(saved: Path) -> None:
    whole, draws = saved.read_bytes(), random.Random(0)
    length = int.from_bytes(whole[:8], "little")
    for _ in range(200):
        flipped = bytearray(whole)
        flipped[draws.randrange(8, 8 + length)] ^= 1 << draws.randrange(8)
        saved.write_bytes(flipped)
        try:
            snapshot.load(saved)
        except CheckpointError as error:
            assert "\n" not in str(error)  # noqa: PT017  # either is right
