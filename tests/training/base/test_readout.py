"""A readout is fitted on one folder of shards and judged on another."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from tests.conftest import LEARNT_TEXT, WORDS, random_weights, word_engine

from foretype.model import checkpoint
from foretype.model.checkpoint import Checkpoint
from foretype.model.errors import UserError
from foretype.model.export import export
from foretype.model.readout import KINDS
from foretype.training import shards
from foretype.training.base.__main__ import main
from foretype.training.base.states import choose, kinds_of
from foretype.training.base.streams import Library
from foretype.training.shards import ShardedText

PROSE = "The sun rose over the hills, and nobody in the village had slept; they waited for the rain.\n"


def write_shards(folder: Path, count: int) -> None:
    with shards.new_shards(folder) as writer:
        for number in range(count):
            code = LEARNT_TEXT.replace("name", f"item{number}") * 4
            writer.add(ShardedText(f"src/items_{number}.py", "one", code.encode()))
            writer.add(ShardedText(f"docs/page_{number}.md", "one", (f"{number} " + PROSE).encode() * 12))


@pytest.mark.usefixtures("one_torch_thread")
def test_code_and_prose_are_told_apart_by_the_states_of_a_network_that_has_learnt_nothing(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    write_shards(tmp_path / "shards" / "train", 45)
    write_shards(tmp_path / "shards" / "held_out", 8)
    made = []
    for name in ("one", "two"):
        options = ["--shards", str(tmp_path / "shards"), "--model", str(tiny_checkpoint.folder)]
        result = CliRunner().invoke(main, ["readout", *options, str(tmp_path / name)])
        assert result.exit_code == 0, result.output
        made.append((tmp_path / name / "readout.safetensors").read_bytes())
    assert made[0] == made[1]
    judged = json.loads(result.stdout)
    assert judged["files"]["1000"] >= 8
    assert judged["accuracy"]["1000"] > 0.9
    assert judged["kind_accuracy"] > 0.7
    assert checkpoint.load(tmp_path / "one").readout().language.labels == ("markdown", "python")


def test_kinds_are_those_of_pygments_and_blanks_have_none() -> None:
    text = b'x = "two words"  # and a word\n'
    kinds = kinds_of("a/b.py", text)
    signs = dict(enumerate("c#sp"))
    assert "".join(signs.get(int(kind), " ") for kind in kinds) == "c c ssss ssssss  # ### # #### "
    assert set(kinds_of("README.md", b"# A title\n").tolist()) == {-1, KINDS.index("prose")}


def test_of_every_language_the_same_least_is_taken_and_a_share_of_the_rest(tmp_path: Path) -> None:
    with shards.new_shards(tmp_path / "shards") as writer:
        for name, count in (("a.py", 100), ("b.md", 30), ("c.go", 5)):
            for number in range(count):
                writer.add(ShardedText(f"{number}/{name}", "one", b"text\n"))
    library = Library(tmp_path / "shards", {}, shortest=1)
    chosen = choose(library, 20, 0.1, 10, np.random.default_rng(0))
    names = [library.paths[number].rsplit("/", 1)[-1] for number in chosen]
    assert {name: names.count(name) for name in set(names)} == {"a.py": 28, "b.md": 21}
    assert len(set(chosen)) == len(chosen)


def test_a_network_of_words_is_refused(tmp_path: Path) -> None:
    config = word_engine().config
    weights = random_weights(config)
    words = checkpoint.save(tmp_path / "words", config, weights, export(config, weights), {}, vocabulary=WORDS)
    result = CliRunner().invoke(main, ["readout", "--model", str(words.folder), str(tmp_path / "read")])
    assert isinstance(result.exception, UserError)
    assert "network of bytes" in str(result.exception)
    assert not (tmp_path / "read").exists()
