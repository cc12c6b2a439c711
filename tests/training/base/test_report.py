"""The report by language: every file counted where it belongs, the project worth something."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.conftest import LEARNT_TEXT

from foretype.model import mixture
from foretype.model.engine import Engine
from foretype.model.errors import CheckpointError
from foretype.training.base import rival
from foretype.training.base.projects import Project
from foretype.training.base.report import PPMD, generic_text, report
from foretype.training.shards import ShardedText
from foretype.training.torch_engine import TorchEngine
from foretype.training.transformer import Transformer

TEXT = LEARNT_TEXT.encode()
PROJECTS = [
    Project("one", (("a.py", TEXT),), (("b.py", TEXT), ("c.go", b"package main\n" * 9))),
    Project("two", (("a.py", TEXT),), (("d.py", TEXT),)),
]


def test_files_are_counted_by_language_and_a_known_project_helps(learnt_engine: Engine) -> None:
    found = report(PROJECTS, learnt_engine, mixture.shipped(), {"python": TEXT})
    assert {name: (one.files, one.nbytes) for name, one in found.items()} == {
        "python": (2, 2 * len(TEXT)),
        "go": (1, 117),
    }
    costs = found["python"].per_byte()
    assert costs["foretype"] < costs["cold"]
    assert 0 < costs[PPMD] < 1
    assert PPMD not in found["go"].bits


def test_generic_text_is_collected_up_to_its_limit_for_the_languages_that_are_wanted() -> None:
    documents = [ShardedText(path, "p", b"x" * 30) for path in ("a.py", "b.py", "c.go", "d.py")]
    found = generic_text(documents, {"python", "rust"}, 50)
    assert found == {"python": b"x" * 30 + b"\0" + b"x" * 19 + b"\0"}


def test_another_network_is_put_beside_in_the_same_mixture(learnt_engine: Engine) -> None:
    torch.manual_seed(0)
    other = TorchEngine(Transformer(1, 16, 2, context=32))
    costs = report(PROJECTS, learnt_engine, mixture.shipped(), {}, rival=other)["python"].per_byte()
    assert costs["rival_network"] > 7.5
    assert costs["network"] < costs["rival_network"]
    assert costs["rival_foretype"] < costs["rival_cold"] < costs["rival_network"]


def test_a_transformer_comes_back_from_disk_as_it_was(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = Transformer(1, 16, 2, context=32)
    rival.save(tmp_path / rival.FILE, network)
    found = rival.load(tmp_path / rival.FILE)
    one, other = (TorchEngine(each).prefill(TEXT, TorchEngine(each).zero_state())[0] for each in (network, found))
    np.testing.assert_array_equal(one, other)
    (tmp_path / rival.FILE).write_bytes(b"x" * 100)
    with pytest.raises(CheckpointError, match="train one anew"):
        rival.load(tmp_path / rival.FILE)
