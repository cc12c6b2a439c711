"""The curve of a run is read from whatever stands in its file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretype.model import learning_curve

LINES = (
    {"note": "found 3 files"},
    {"step": 1, "seconds": 6.0, "bits": 8.0},
    {"step": 9, "seconds": 60.0, "bits": 3.0, "held_out_bits": 4.5, "sample": "def "},
)


def written(folder: Path, lines: Iterable[object]) -> Path:
    path = folder / "mine.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


def test_minutes_and_bits_of_both_curves_are_read(tmp_path: Path) -> None:
    curve = learning_curve.read(written(tmp_path, LINES))
    assert (curve.name, curve.held_out) == ("mine", ((1.0, 4.5),))
    assert curve.learnt == ((0.1, 8.0), (1.0, 3.0))


def test_what_goes_up_and_down_is_smoothed_and_does_not_lag_behind_a_fall(tmp_path: Path) -> None:
    falls = [8.0, 3.2, 2.3, 1.8, 1.9, 1.5]
    bits = [*falls, *[1.7, 1.3] * 10]
    lines = [{"seconds": 6.0 * place, "bits": one} for place, one in enumerate(bits)]
    learnt = [one for _, one in learning_curve.read(written(tmp_path, lines)).learnt]
    assert learnt[0] == 8.0
    assert learnt[2] < 4.0
    assert all(abs(one - 1.5) < 0.1 for one in learnt[12:-5])


@given(st.binary(max_size=200))
def test_damaged_lines_are_left_out(tmp_path_factory: pytest.TempPathFactory, damage: bytes) -> None:
    path = tmp_path_factory.mktemp("curve") / "mine.jsonl"
    path.write_bytes(damage + b"\n" + json.dumps(LINES[1]).encode())
    assert learning_curve.read(path).learnt[-1][0] == 0.1


def test_a_run_of_one_line_or_none_has_no_curve(tmp_path: Path) -> None:
    assert learning_curve.read_all(tmp_path) == []
    folder = tmp_path / learning_curve.FOLDER
    folder.mkdir()
    (folder / "mine.jsonl").write_text(json.dumps(LINES[1]), encoding="utf-8")
    assert learning_curve.read_all(tmp_path) == []
    assert learning_curve.read(tmp_path / "missing.jsonl").learnt == ()
