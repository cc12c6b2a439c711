"""Progress: plain lines where there is no terminal, and nothing on standard output."""

from __future__ import annotations

import pytest

from foretype.training.progress import ProgressLine
from foretype.training.train import Step


def test_without_a_terminal_there_are_plain_lines_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressLine() as progress:
        progress.note("learning from [3] files")
        progress.step(Step(1, 0.1, bits=8.0, bytes_seen=1000, seconds=1.0, held_out_bits=7.5))
        progress.step(Step(2, 0.2, bits=6.0, bytes_seen=2000, seconds=2.0))
        progress.step(Step(3, 1.0, bits=4.0, bytes_seen=3000, seconds=3.0))
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = shown.err.splitlines()
    assert lines[0] == "learning from [3] files"
    assert lines[1] == " 10%  8.00 bits per byte · held out 7.50 · 1.0 kB/s · 0:09 left"
    assert lines[2].startswith("100%")
    assert len(lines) == 3
