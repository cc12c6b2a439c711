"""Bits of a network on projects it never saw, in batches of files of unequal length."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tests.conftest import LEARNT_TEXT, TINY

from foretype.model.network import Network
from foretype.training.base.held_out import held_out_bits
from foretype.training.base.projects import Project
from foretype.training.corpus import SourceFile
from foretype.training.train import evaluate


def test_files_scored_side_by_side_cost_what_they_cost_one_by_one() -> None:
    torch.manual_seed(0)
    network = Network(TINY)
    text = LEARNT_TEXT.encode()
    typed = tuple((f"src/{size}.py", (text * 9)[:size]) for size in (1, 255, 256, 257, 700))
    files = [SourceFile(Path(path), path, content) for path, content in typed]
    wanted = sum(evaluate(network, [file], 10_000) * len(file.text) for file in files)
    found = held_out_bits(network, [Project("one", (), typed)])
    assert found == pytest.approx(wanted / sum(len(file.text) for file in files), rel=1e-5)
