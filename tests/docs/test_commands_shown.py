"""Every call of `foretype` that a page shows is one that the command line understands."""

from __future__ import annotations

import click
import pytest
from tests.docs.pages import NOT_SHOWN, PAGES, ROOT, commands

from foretype.server.cli import foretype

NO_CALLS = [["is", "not", "an", "executable"]]
"""A message that begins like a call."""

SHOWN = [
    (page.relative_to(ROOT).as_posix(), words)
    for page in PAGES
    if page.name not in NOT_SHOWN
    for words in commands(page)
    if words not in NO_CALLS
]


def understood(words: list[str]) -> str | None:
    """Return what is wrong with the words of a call, None if nothing is; no value is looked at."""
    command: click.Command | None = foretype
    context = click.Context(foretype)
    rest = list(words)
    while isinstance(command, click.Group):
        if not rest or rest[0].startswith("-"):
            break
        command = command.get_command(context, rest.pop(0))
    if command is None:
        return f"no command {words[0]}"
    # prose names an option without its value
    problems = [_problem(command, tried) for tried in (rest, [*rest, "X"])]
    return None if None in problems else problems[0]


def _problem(command: click.Command, words: list[str]) -> str | None:
    try:
        command.make_parser(click.Context(command)).parse_args(list(words))
    except click.UsageError as error:
        return error.format_message()
    return None


def test_the_pages_show_calls_of_most_commands() -> None:
    assert len(SHOWN) > 60
    assert {words[0] for _, words in SHOWN} >= {"serve", "train", "complete", "eval", "forget", "models", "stats"}


@pytest.mark.parametrize("page", sorted({page for page, _ in SHOWN}))
def test_a_page_shows_only_what_is_understood(page: str) -> None:
    wrong = [(" ".join(words), problem) for name, words in SHOWN if name == page and (problem := understood(words))]
    assert wrong == []


def test_a_call_that_is_not_understood_is_found() -> None:
    assert understood(["train", "src", "--minute-s", "3"]) is not None
    assert understood(["fortify"]) is not None
