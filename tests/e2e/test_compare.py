"""`foretype compare`: every predictor has its row, and Foretype, which remembers the project, beats a short chain."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.conftest import write_project

from foretype.model.registry import Registry

KINDS = {*(f"markov {order}" for order in range(1, 9)), "rnn", "gru", "lstm", "transformer", "ppmd 16", "foretype"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "project", 6)


def test_all_predictors_are_compared_on_the_same_files(registry: Registry, project: Path, tmp_path: Path) -> None:
    picture = tmp_path / "new" / "compared.svg"
    command = ["compare", str(project), "--minutes", "0.01", "--picture", str(picture), "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "foretype.server", *command], capture_output=True, text=True, check=True
    )
    report = json.loads(done.stdout)
    rows = {row["name"]: row for row in report["rows"]}
    assert set(rows) == KINDS
    assert rows["foretype"]["bits_per_byte"] < rows["markov 1"]["bits_per_byte"]
    assert rows["foretype"]["exact_match"] > 0
    assert rows["ppmd 16"]["exact_match"] is None
    assert [row["bits_per_byte"] for row in report["rows"]] == sorted(row["bits_per_byte"] for row in report["rows"])
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")  # noqa: S314  # we have just written it
    assert registry.names() == []


def test_a_model_that_is_not_there_is_refused_before_the_others_are_trained(registry: Registry, project: Path) -> None:
    command = ["compare", str(project), "--minutes", "0.01", "--model", "nobody", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "foretype.server", *command], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("foretype: no model named 'nobody'")
    assert registry.names() == []
