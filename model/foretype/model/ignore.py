"""The ignore rules of git and of Foretype, as they hold on the way from a folder down to a file.

The innermost rule that says anything about a path decides, as in git. Knows nothing of why else a file is not read.
"""

from __future__ import annotations

import codecs
import os
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from foretype.model import git_folder
from foretype.model.small_file import read_small

IGNORE_FILES = (".gitignore", ".foretypeignore")
"""Files whose rules keep others from being read; those that git keeps out of a repository say less."""


@dataclass(frozen=True, slots=True)
class _IgnoreFile:
    """Hold the rules of one file."""

    folder: Path
    """What its rules are relative to."""
    rules: tuple[GitIgnoreSpecPattern, ...]
    any_case: bool

    def verdict(self, path: Path, *, is_folder: bool) -> bool | None:
        """Tell whether the last rule about `path` excludes it, None if there is none.

        A specification of all rules would rank those that name folders below the others. That is for who asks about
        files alone; we ask about every folder on the way.
        """
        name = path.relative_to(self.folder).as_posix() + ("/" if is_folder else "")
        name = name.lower() if self.any_case else name
        about = (rule.include for rule in reversed(self.rules) if rule.match_file(name) is not None)
        return next(about, None)


@dataclass(frozen=True, slots=True)
class Rules:
    """Hold the rules that apply to what lies in a folder."""

    files: tuple[_IgnoreFile, ...] = ()
    """The outermost first."""
    any_case: bool = False
    """Whether the innermost repository takes names for the same that differ in the case of their letters."""

    def within(self, folder: Path) -> Rules:
        """Return these rules joined by those that stand in `folder`."""
        kept = git_folder.of(folder)
        any_case = self.any_case if kept is None else kept.any_case
        paths = (*(() if kept is None else kept.excludes), *(folder / name for name in IGNORE_FILES))
        found = (_IgnoreFile(folder, _rules(path, any_case), any_case) for path in paths)
        return Rules((*self.files, *(file for file in found if file.rules)), any_case)

    def exclude(self, path: Path, *, is_folder: bool = False) -> bool:
        """Tell whether the innermost rule that says anything about `path` excludes it.

        Unless it is known to be a folder, which need not exist, it is looked at.
        """
        is_folder = is_folder or (bool(self.files) and git_folder.is_folder(path))
        verdicts = (file.verdict(path, is_folder=is_folder) for file in reversed(self.files))
        return next((verdict for verdict in verdicts if verdict is not None), False)

    def descend(self, top: Path, bottom: Path) -> Iterator[tuple[Path, Rules]]:
        """Yield each folder below `top` on the way to `bottom`, and `bottom`, with the rules that hold beside it."""
        rules, folder = self, top
        for part in bottom.relative_to(top).parts:
            rules = rules.within(folder)
            folder = folder / part
            yield folder, rules


def rules_above(root: Path) -> Rules:
    """Return the rules that hold for what lies in `root` because it lies within a repository.

    There are none if they exclude the folder itself, or one around it: it was named all the same.
    """
    repository = repository_of(root)
    way = [] if repository is None else [*Rules().descend(repository, root)]
    return way[-1][1] if way and not any(rules.exclude(folder) for folder, rules in way) else Rules()


def repository_of(folder: Path) -> Path | None:
    """Return the innermost folder at or above `folder` that git takes for a repository."""
    ways = (folder, *folder.parents)
    return next((outer for outer in ways if os.path.exists(outer / ".git")), None)  # noqa: PTH110  # Path's may raise


def _rules(path: Path, any_case: bool) -> tuple[GitIgnoreSpecPattern, ...]:
    content = (read_small(path) or b"").removeprefix(codecs.BOM_UTF8)  # git passes over a mark, too
    lines = os.fsdecode(content.lower() if any_case else content).split("\n")
    found = (_rule(line.removesuffix("\r")) for line in lines)
    return tuple(rule for rule in found if rule is not None and rule.include is not None)


def _rule(line: str) -> GitIgnoreSpecPattern | None:
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of an expression with `[[`
            return GitIgnoreSpecPattern(line)
    except (ValueError, re.error):  # it can mean nothing, and git passes over it
        return None
