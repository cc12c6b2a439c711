"""The reference of the command line says what the commands are."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from foretype.server.cli import COMMANDS
from foretype.server.command_reference import commands, page

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
ALL = list(commands())


def test_the_page_in_the_repository_is_the_present_one() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make reference"


def test_every_command_and_every_command_below_one_has_its_heading() -> None:
    headings = re.findall(r"^#+ (foretype .+)$", page(), re.MULTILINE)
    assert headings == [" ".join(words) for words, _ in ALL]
    assert {words[1] for words, _ in ALL} == set(COMMANDS)


@pytest.mark.parametrize(("words", "command"), ALL, ids=[" ".join(words) for words, _ in ALL])
def test_every_option_of_a_command_stands_below_its_heading(words: tuple[str, ...], command: click.Command) -> None:
    section = re.split(r"^#+ foretype", page().split(f"# {' '.join(words)}\n", 1)[1], flags=re.MULTILINE)[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    assert len(rows) == len(options)
    for option, row in zip(options, rows, strict=True):
        assert row.startswith(f"| {', '.join(f'`{name}`' for name in option.opts)} ")
