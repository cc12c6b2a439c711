"""Every command and program of docs/lesson.md is run, in order, where the sources that it learns from are."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
from tests.docs.pages import ROOT, Block, blocks, run, run_program

PAGE = ROOT / "docs" / "lesson.md"
BLOCKS = blocks(PAGE)

SHORTER = {
    "--hidden 128 --layers 1 --minutes 5": "--hidden 8 --layers 1 --epochs 0.2",
    "--epochs 2": "--epochs 0.2 --width 8",
    "--seeds 3 --epochs 1": "--seeds 1 --epochs 0.2 --width 8",
}
"""What would take minutes is done with a small network in seconds."""

_SOURCES = ("model/foretype/model/engine.py", "model/foretype/model/sampling.py", "server/foretype/server/greeting.py")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a few of the sources, where they are in a checkout."""
    there = tmp_path_factory.mktemp("lesson")
    for source in (*_SOURCES, "training/foretype/training/loss.py"):
        (there / source).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / source, there / source)
    return there


def printed_by(block: Block, folder: Path) -> str:
    environment = {"COLUMNS": "76", "OMP_NUM_THREADS": "1"}
    if block.kind == "python":
        return run_program([sys.executable, "-c", block.text], folder, **environment)
    return "".join(run(line, folder, SHORTER, **environment) for line in block.text.splitlines())


def test_only_blocks_of_these_kinds_are_in_the_lesson() -> None:
    assert {block.kind for block in BLOCKS} == {"sh", "text", "python"}
    shown = " ".join(block.text for block in BLOCKS)
    assert all(long in shown for long in SHORTER)


def test_every_step_of_the_lesson_runs(folder: Path) -> None:
    for block, following in zip(BLOCKS, [*BLOCKS[1:], None], strict=True):
        if block.kind == "text":
            continue
        printed = printed_by(block, folder)
        assert printed
        if following is not None and following.kind == "text":
            # another base writes other text; what does not depend on it is on the first line, or marked
            shown, wanted = (re.sub(r"\d+\.\d+", "", text).split() for text in (printed, following.text))
            assert shown[:3] == wanted[:3]
            assert ("[loop]" in printed) == ("[loop]" in following.text) or "T = 1.8" in printed
    for picture in ("cells", "cycle", "temperatures", "windows", "units"):
        assert (folder / f"{picture}.svg").read_text(encoding="utf-8").rstrip().endswith("</svg>")


def test_every_picture_of_the_lesson_is_there_and_loads_nothing() -> None:
    pictures = re.findall(r"\]\((images/lesson/[a-z]+\.svg)\)", PAGE.read_text(encoding="utf-8"))
    assert len(pictures) == 5
    for picture in pictures:
        text = (PAGE.parent / picture).read_text(encoding="utf-8")
        # a mark that is drawn many times refers to itself in the picture
        assert re.findall(r'(?:href|src)="(?!#|data:)', text) == []
