"""Every command of docs/tutorial.md is run, in order, in a clean folder with an empty data directory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docs.pages import ROOT, Block, blocks, run

PAGE = ROOT / "docs" / "tutorial.md"
BLOCKS = blocks(PAGE)

NOT_RUN = {'python -m pip install "foretype[train]"': "tests/packaging/test_wheel.py installs it without a network"}
SHORTER = {"--minutes 5": "--hidden 16 --layers 1 --epochs 2"}
"""What would take minutes is done with a small network in seconds."""


def test_only_blocks_of_these_kinds_are_in_the_tutorial() -> None:
    assert {block.kind for block in BLOCKS} == {"sh", "text", "python"}
    assert len([block for block in BLOCKS if block.kind == "sh"]) > 6


def test_every_command_that_is_not_run_is_in_the_tutorial() -> None:
    assert set(NOT_RUN) <= {line for block in BLOCKS if block.kind == "sh" for line in block.text.splitlines()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tutorial")


def steps() -> Iterator[tuple[Block, Block | None]]:
    """Yield each block that does something, and the output that is shown after it."""
    for block, following in zip(BLOCKS, [*BLOCKS[1:], None], strict=True):
        if block.kind != "text":
            yield block, following if following is not None and following.kind == "text" else None


def assert_shown(shown: str, printed: str) -> None:
    """Compare all but the numbers, and let the output hold more than is shown: the base model may be a newer one."""
    wanted = " ".join(re.sub(r"\d+\.\d+", "", shown).split())
    assert wanted in " ".join(re.sub(r"\d+\.\d+", "", printed).split())


def test_the_tutorial_works_from_the_first_command_to_the_last(folder: Path) -> None:
    for block, output in steps():
        if block.title is not None:
            (folder / block.title).parent.mkdir(exist_ok=True)
            (folder / block.title).write_text(block.text, encoding="utf-8")
            continue
        lines = [line for line in block.text.splitlines() if line not in NOT_RUN]
        printed = "".join(run(line, folder, SHORTER) for line in lines)
        if output is not None:
            assert_shown(output.text, printed)
    assert not any((folder / "data" / "models").glob("default*"))
