"""What git keeps beside a working tree, and what its configuration says of files to leave out.

Reads as `git config` reads, but for conditional includes; runs no program, and goes to no other machine whatever a
repository says. Source: git's documentation of `git-config` ("Syntax"), `gitrepository-layout` and `gitignore`.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from foretype.model.small_file import read_small

_SECTION = re.compile(r'\[\s*([\w.-]+)(\s+"(?:[^"\\]|\\.)*")?\s*\]\s*')
_ENTRY = re.compile(r"([A-Za-z][\w-]*)\s*(?:=\s*(.*))?")
_PIECE = re.compile(r'(?P<quoted>"(?:[^"\\]|\\.)*")|[#;].*|(?P<bare>(?:[^"\\#;]|\\.)+)')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t", "b": "\b"}
_TRUE = frozenset({"true", "yes", "on", "1"})
_DEEPEST = 10
"""As many files may include each other, as in git."""


@dataclass(frozen=True, slots=True)
class GitFolder:
    """Say what git would leave out of a working tree, besides what files in it say."""

    excludes: tuple[Path, ...]
    """Files with rules that are kept out of the tree, which need not exist; a later one says more."""
    any_case: bool
    """Whether names are the same that differ in the case of their letters."""


def of(tree: Path) -> GitFolder | None:
    """Return what git keeps of a working tree, None if the folder is none."""
    common = _common(tree / ".git")
    if common is None:
        return None
    said: dict[str, str] = {}
    for path in (*_user_files(), common / "config"):
        said |= dict(_settings(path))
    own = said.get("core.excludesfile")
    general = _config_home() / "git" / "ignore" if own is None else _named(own, tree)
    excludes = (*([] if general is None else [general]), common / "info" / "exclude")
    return GitFolder(excludes, said.get("core.ignorecase", "").lower() in _TRUE)


def is_bare(folder: Path) -> bool:
    """Tell whether a folder is a repository without a working tree."""
    return os.path.isfile(folder / "HEAD") and is_folder(folder / "objects") and is_folder(folder / "refs")  # noqa: PTH113


def _common(git: Path) -> Path | None:
    """Return the folder that all working trees of a repository share; `.git` may be a file that names another one."""
    own = git if is_folder(git) else _pointed_at(git, "gitdir:")
    if own is None:
        return None
    return _pointed_at(own / "commondir", "") or own


def _pointed_at(path: Path, prefix: str) -> Path | None:
    text = os.fsdecode(read_small(path) or b"").strip()
    return _named(text.removeprefix(prefix).strip(), path.parent) if text and text.startswith(prefix) else None


def _user_files() -> Iterator[Path]:
    yield Path(os.environ.get("GIT_CONFIG_SYSTEM", "/etc/gitconfig"))
    if (own := os.environ.get("GIT_CONFIG_GLOBAL")) is not None:
        yield Path(own)
    else:
        yield from (_config_home() / "git" / "config", _at_home("~/.gitconfig"))


def _config_home() -> Path:
    return _at_home(os.environ.get("XDG_CONFIG_HOME") or "~/.config")


def is_folder(path: Path) -> bool:
    """Tell whether a path is a folder's; not one that nobody may look at, or that no file can have."""
    return os.path.isdir(path)  # noqa: PTH112  # Path's raises there


def _at_home(name: str) -> Path:
    return Path(os.path.expanduser(name))  # noqa: PTH111  # Path's raises where nobody is known to live


def _settings(path: Path, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield names, in small letters, and values of a configuration file and of those that it includes."""
    text = os.fsdecode((read_small(path) or b"").removeprefix(codecs.BOM_UTF8)).replace("\r\n", "\n")
    section = ""
    for line in text.replace("\\\n", "").split("\n"):
        said = line.strip()
        if (head := _SECTION.match(said)) is not None:
            section, said = head[1].lower() if head[2] is None else "", said[head.end() :]
        entry = _ENTRY.match(said)
        if entry is None or not section:
            continue
        name, value = f"{section}.{entry[1].lower()}", "true" if entry[2] is None else _value(entry[2])
        included = _named(value, path.parent) if name == "include.path" and depth < _DEEPEST else None
        if included is not None:
            yield from _settings(included, depth + 1)
        yield name, value


def _value(written: str) -> str:
    pieces = [match["quoted"][1:-1] if match["quoted"] else match["bare"] or "" for match in _PIECE.finditer(written)]
    return _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), "".join(pieces).rstrip())


def _named(name: str, base: Path) -> Path | None:
    """Return the path that a file in `base` names, None if it lies on another machine."""
    if not name or Path(name).drive.startswith("\\\\"):
        return None
    return base / _at_home(name)
