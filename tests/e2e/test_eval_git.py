"""`foretype eval --split git`: what it prints, what it refuses, and that it warns of a network that cheats."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import LEARNT_TEXT
from tests.training.repository import History, needs_git

from foretype.model.registry import Registry

pytestmark = needs_git

PART = {"commits", "typed", "saved", "precision", "shows_per_1000", "bits_per_byte"}


def evaluate(*arguments: str | int | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "foretype.server", "eval", *map(str, arguments), "--split", "git"]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=dict(os.environ), check=False)


@pytest.fixture
def history(tmp_path: Path) -> History:
    made = History(tmp_path / "repository")
    made.commit({"names.py": LEARNT_TEXT, "inner/other.py": LEARNT_TEXT.replace("total", "sum")})
    for number in range(3):
        made.commit({f"inner/names_{number}.py": LEARNT_TEXT.replace("total", f"total_{number}")}, days=7)
    made.commit({"notes.md": "# Notes\n\nOn the counting of names, and on what became of it.\n"})
    return made


def test_one_object_tells_of_all_commits_by_week_and_by_language(tiny_registry: Registry, history: History) -> None:
    result = evaluate(history.folder, "--json", "--characters", 80)
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert set(report) == {
        *("split", "model", "learnt_from_repository", "saved_low", "saved_high", "weeks", "languages"),
        *PART,
    }
    assert (report["split"], report["model"], report["commits"]) == ("git", "tiny 0001", 5)
    assert report["saved_low"] <= report["saved"] <= report["saved_high"]
    assert all(set(row) == {"week", *PART} for row in report["weeks"])
    assert set(report["languages"]) == {"python", "markdown"}
    assert sum(row["typed"] for row in report["weeks"]) == report["typed"]
    assert report["learnt_from_repository"] is None
    assert "does not say what it learnt from" in result.stderr
    assert tiny_registry.current_name() == "tiny"


def test_a_person_reads_a_table(tiny_registry: Registry, history: History) -> None:
    result = evaluate(history.folder / "inner", "--weeks", 1, "--max-commits", 2, "--characters", 60)
    assert result.returncode == 0, result.stderr
    assert "added by 1 commit, typed again with tiny 0001" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("total")
    assert tiny_registry.current_name() == "tiny"


def test_a_network_that_learnt_from_the_repository_is_told_of(registry: Registry, history: History) -> None:
    train = ["train", history.folder, "--epochs", 1, "--hidden", 16, "--layers", 1]
    subprocess.run(
        [sys.executable, "-m", "foretype.server", *map(str, train)],
        check=True,
        capture_output=True,
        env=dict(os.environ),
    )
    registry.use("default")
    result = evaluate(history.folder, "--json", "--max-commits", 1, "--characters", 40)
    assert result.returncode == 0, result.stderr
    assert "has learnt from files of this repository" in result.stderr
    assert json.loads(result.stdout)["learnt_from_repository"] is True
    assert registry.names() == ["default"]


def test_what_cannot_be_replayed_is_refused_in_one_line(registry: Registry, history: History, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    empty = History(tmp_path / "empty")
    for arguments, why in (
        ([tmp_path / "plain"], "not a git repository"),
        ([tmp_path / "nowhere"], "does not exist"),
        ([empty.folder], "no commits yet"),
        ([history.folder / "names.py"], "takes a folder"),
        ([history.folder, "--holdout", "0.5"], "no --holdout"),
    ):
        result = evaluate(*arguments)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.count("\n") == 1
        assert why in result.stderr
    empty.commit({"data.bin": b"\0\1"})
    assert "none of 1 commit added text by hand" in evaluate(empty.folder).stderr
    assert registry.names() == []
