"""The table of editors in docs/editors.md: behind every cell stands a test that exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
EDITORS = ("VS Code", "Neovim", "Vim", "Emacs", "Helix")


def folder(editor: str) -> Path:
    return ROOT / "tests" / "editors" / editor.lower().replace(" ", "")


def cells() -> set[tuple[str, str]]:
    """Return (feature, editor) of every cell that says yes."""
    table = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in row] for row in table if len(row) == len(EDITORS) + 1]
    assert rows[0][1:] == list(EDITORS)
    return {
        (row[0], editor) for row in rows[1:] for editor, cell in zip(EDITORS, row[1:], strict=True) if cell == "yes"
    }


def named() -> dict[tuple[str, str], str]:
    """Return the test of each cell, by the list below the table."""
    lines = re.findall(r"^- ([^:]+): (.*)\.$", PAGE, re.MULTILINE)
    pattern = re.compile(rf"({'|'.join(EDITORS)}) `(test_\w+)`")
    return {(feature, editor): test for feature, tests in lines for editor, test in pattern.findall(tests)}


def test_every_cell_names_its_test_and_every_test_has_its_cell() -> None:
    assert len(cells()) > 50
    assert cells() == set(named())


def test_the_tests_that_are_named_exist() -> None:
    for (feature, editor), test in named().items():
        sources = [path.read_text(encoding="utf-8") for path in folder(editor).glob("test_*.py")]
        assert any(f"def {test}(" in source for source in sources), f"{feature}, {editor}: there is no {test}"
