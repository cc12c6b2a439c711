"""The ignore rules of git and of Foretype, as they hold on the way from a folder down to a file.

The innermost rule that says anything about a path decides, as in git. Knows nothing of why else a file is not read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

IGNORE_FILES = (".gitignore", ".foretypeignore")
"""Files whose rules keep others from being read."""
_EXCLUDES = ".git/info/exclude"
"""Rules of a repository that git keeps out of it; those that stand in its folders say more."""

_MOST_BYTES = 1 << 20
"""A larger file was not written for us."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Hold the rules that apply to what lies in a folder."""

    specs: tuple[tuple[Path, GitIgnoreSpec], ...] = ()
    """Each with the folder that it stands in, the outermost first."""

    def within(self, folder: Path) -> Rules:
        """Return these rules joined by those that stand in `folder`."""
        return Rules((*self.specs, *_specs(folder)))

    def exclude(self, path: Path) -> bool:
        """Tell whether the innermost rule that says anything about `path` excludes it."""
        for folder, spec in reversed(self.specs):
            name = path.relative_to(folder).as_posix() + ("/" if _is_folder(path) else "")
            verdict = spec.check_file(name).include
            if verdict is not None:
                return bool(verdict)
        return False

    def descend(self, top: Path, bottom: Path) -> Iterator[tuple[Path, Rules]]:
        """Yield each folder below `top` on the way to `bottom`, and `bottom`, with the rules that hold beside it."""
        rules, folder = self, top
        for part in bottom.relative_to(top).parts:
            rules = rules.within(folder)
            folder = folder / part
            yield folder, rules


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that no file can have, which an editor may give to what it never saves
        return False


def rules_above(root: Path) -> Rules:
    """Return the rules that hold for `root` because it lies within a repository."""
    repository = repository_of(root)
    way = [] if repository is None else [*Rules().descend(repository, root)]
    return way[-1][1] if way else Rules()


def repository_of(folder: Path) -> Path | None:
    """Return the innermost folder at or above `folder` that git takes for a repository."""
    ways = (folder, *folder.parents)
    return next((outer for outer in ways if os.path.exists(outer / ".git")), None)  # noqa: PTH110  # Path's may raise


def _specs(folder: Path) -> Iterator[tuple[Path, GitIgnoreSpec]]:
    for name in (_EXCLUDES, *IGNORE_FILES):
        path = folder / name
        try:
            if not path.is_file() or path.stat().st_size > _MOST_BYTES:  # a pipe would never end
                continue
            lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()  # git passes over a mark, too
        except OSError:
            continue
        yield folder, GitIgnoreSpec.from_lines(lines)
