"""The command line's reference, made from the commands themselves: `python -m foretype.server.command_reference`.

It prints docs/commands.md. Knows of a command what click knows.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator

import click

from foretype.server.cli import COMMANDS, foretype

_HEAD = """# Commands

`foretype --help` lists them, `foretype COMMAND --help` says the same as this page.

With `--json` a command prints one JSON object on standard output and nothing else there. Exit codes: 0 done, 1 failed,
2 bad usage or bad input (one line on standard error that says what was expected, what came and what to do), 130
interrupted with everything saved.

`NAME|PATH` of a model is a name that `foretype models` lists, `base` for the one that came with the package, or the
path of a model's folder, with a slash in it.

"""


def page() -> str:
    """Return the page, in Markdown."""
    return _HEAD + "\n\n".join(block for name in COMMANDS for block in _blocks(("foretype", name))) + "\n"


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with the words that call it, `foretype` first."""
    for name in COMMANDS:
        yield from _below(("foretype", name), _command(("foretype", name)))


def _below(words: tuple[str, ...], command: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        for name, below in sorted(command.commands.items()):
            yield from _below((*words, name), below)


def _command(words: tuple[str, ...]) -> click.Command:
    found = foretype.get_command(click.Context(foretype), words[1])
    assert found is not None, "the table of commands names what there is"
    return found


def _blocks(words: tuple[str, ...]) -> Iterator[str]:
    for called, command in _below(words, _command(words)):
        yield f"{'#' * len(called)} {' '.join(called)}"
        yield f"    {' '.join((*called, *_arguments(command)))}"
        yield _text(command)
        rows = [_row(one) for one in command.params if isinstance(one, click.Option) and not one.hidden]
        if rows:
            yield "\n".join(["| option | what it does |", "|---|---|", *rows])


def _arguments(command: click.Command) -> Iterator[str]:
    if any(isinstance(one, click.Option) for one in command.params):
        yield "[OPTIONS]"
    for one in command.params:
        if isinstance(one, click.Argument):
            name = one.metavar or (one.name or "").upper()
            dots = "..." if one.nargs < 0 and not name.endswith("...") else ""
            yield f"{name}{dots}" if one.required or name.startswith("[") else f"[{name}]{dots}"
    if isinstance(command, click.Group):
        yield "COMMAND"


def _text(command: click.Command) -> str:
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    text = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    return re.sub(r"docs/([a-z-]+\.md)", r"[\1](\1)", text)  # the page lies there itself


def _row(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    value = _value(option)
    about = " ".join(filter(None, [option.help, _range(option), _default(option)]))
    # not every reader of Markdown takes the same escape for a bar within backquotes in a table
    shown = f"<code>{value}</code>" if "|" in value else f"`{value}`"
    cells = (cell.replace("|", "&#124;") for cell in (f"{names} {shown}" if value else names, about))
    return f"| {' | '.join(cells)} |"


def _value(option: click.Option) -> str:
    if option.is_flag:
        return ""
    if option.metavar:
        return option.metavar
    if isinstance(option.type, click.Choice):
        return "|".join(map(str, option.type.choices))
    is_number = isinstance(option.type, click.types.IntParamType | click.types.FloatParamType)
    return "N" if is_number else option.type.name.upper()


def _range(option: click.Option) -> str:
    kind = option.type
    if not isinstance(kind, click.IntRange | click.FloatRange):
        return ""
    if kind.min is not None and kind.max is not None:
        return f"Between {kind.min} and {kind.max}."
    return f"{'Above' if kind.min_open else 'At least'} {kind.min}."


def _default(option: click.Option) -> str:
    return f"Default: `{option.default}`." if option.show_default and option.default is not None else ""


if __name__ == "__main__":
    sys.stdout.write(page())
