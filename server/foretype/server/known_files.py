"""What a file or folder that was saved, moved or removed is to the memory of its project.

Knows nothing of what a memory holds beyond the names of its files.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from pathlib import Path

from foretype.model import files, indexing
from foretype.model.ignore import IGNORE_FILES


class KnownFiles:
    """Hold the keys of a project's memory as it was at one moment."""

    def __init__(self, project: Path, keys: Collection[str]) -> None:
        """Take the keys as they are; the folders that they lie in are made out once that is asked for."""
        self._project = project
        self._keys = keys

    def concerned_by(self, path: Path) -> bool:
        """Tell whether a file or folder may be read, or something that is known comes from it."""
        key = indexing.key_of(self._project, path)
        return key in self._keys or key in self._folders or files.may_be_read(self._project, path.resolve())

    def reached_by(self, path: Path) -> bool:
        """Tell whether more than one file is another by now: rules have changed, or a folder has come or gone."""
        key = indexing.key_of(self._project, path)
        if path.name in IGNORE_FILES:
            return True
        return key not in self._keys and path.is_dir() != (key in self._folders)

    @cached_property
    def _folders(self) -> set[str]:
        """The keys of all folders with files: hundreds of changes are often told of that concern none."""
        found: set[str] = set()
        for key in self._keys:
            folder = key.rpartition("/")[0]
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return found
