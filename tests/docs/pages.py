"""The pages of the documentation, and the commands and files that they show."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md"])
NOT_SHOWN = {"log.md", "commands.md"}
"""What was done once, and what is made of the commands themselves."""

_FENCE = re.compile(r'^```(?P<kind>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL)
_CALL = re.compile(r"(?:.* -m foretype\.server|foretype) ([a-z].*)")
_PROGRAMS = {"foretype": [sys.executable, "-m", "foretype.server"], "python": [sys.executable]}
_PLACES = re.compile(r"\bPATH\.\.\.|\[[A-Z:]+\]|<[a-z]+>")


@dataclass(frozen=True)
class Block:
    """Hold a fenced block of a page."""

    kind: str
    title: str | None
    text: str


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    return [Block(one["kind"], one["title"], one["text"]) for one in _FENCE.finditer(page.read_text(encoding="utf-8"))]


def lines_of_code(page: Path) -> Iterator[str]:
    """Yield what stands in code: lines of blocks, and what stands between backquotes."""
    text = page.read_text(encoding="utf-8")
    yield from (line.strip() for line in text.splitlines() if line.startswith("    "))
    yield from (line for block in blocks(page) for line in block.text.splitlines())
    yield from (" ".join(code.split()) for code in re.findall(r"`([^`]+)`", _FENCE.sub("", text)))


def commands(page: Path) -> list[list[str]]:
    """Return the words of every call of `foretype` that a page shows, without what comments on it."""
    calls = [match[1] for line in lines_of_code(page) if (match := _CALL.match(line))]
    return [shlex.split(_PLACES.sub("X", call), comments=True) for call in calls]


def run(line: str, folder: Path, shorter: Mapping[str, str], **environment: str) -> str:
    """Run a line of a page in `folder`, with what would take minutes replaced; return what it printed."""
    for long, short in shorter.items():
        line = line.replace(long, short)
    program, *arguments = shlex.split(line)
    return run_program([*_PROGRAMS[program], *arguments], folder, **environment)


def run_program(command: list[str], folder: Path, **environment: str) -> str:
    """Run a program in `folder`, whose data directory lies there too; return what it printed, or fail."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "FORETYPE_DATA_DIR": str(folder / "data"), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout
