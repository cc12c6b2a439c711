"""A repository's files as they were at one commit, in a folder of their own, and the product's own memory of them.

Going on to another commit writes, and reads, only what differs. Files that the user wants forgotten stay out.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from foretype.model import files, forgotten, indexing
from foretype.model.files import MAX_FILE_BYTES
from foretype.model.ignore import IGNORE_FILES
from foretype.model.memory import Memory
from foretype.model.registry import data_dir
from foretype.training.git import Change, Repository, is_within


class Past:
    """Hold the files below one folder of a repository as they were at some commit; at first there are none."""

    def __init__(self, repository: Repository, folder: str, scratch: Path) -> None:
        """Prepare to write to `scratch`, which is empty; `folder` is empty or ends with a slash."""
        self._repository = repository
        self._folder = folder
        self._tree = scratch / "tree"
        (self._tree / ".git").mkdir(parents=True)  # ignore rules are looked for up to here
        self._memory = scratch / "memory"
        self._at = repository.empty_tree
        self._forgotten = forgotten.load(data_dir())

    def go_to(self, state: str) -> Memory:
        """Let the files be what they were at a commit and return the memory of them."""
        found = self._repository.changes(self._at, state)
        changes = [change for change in found if change.path.startswith(self._folder) and is_within(change.path)]
        is_new = self._at == self._repository.empty_tree
        self._at = state
        for change in changes:  # all that goes before all that comes: a file can become a folder
            self._remove(self.place_of(change.path))
        for change in changes:
            self._write(change)
        places = [self.place_of(change.path) for change in changes]
        if is_new or any(place.name in IGNORE_FILES for place in places):
            return indexing.refresh(self._memory, self._tree).memory
        return indexing.refresh_files(self._memory, self._tree, places)

    def key_of(self, path: str) -> str:
        """Return the key in the memory of a path of the repository."""
        return path.removeprefix(self._folder)

    def place_of(self, path: str) -> Path:
        """Return where a path of the repository lies."""
        return self._tree / self.key_of(path)

    def is_off_limits(self, path: str) -> bool:
        """Tell whether an editor would get no suggestions in a file: by ignore rules, or for its name."""
        return files.is_off_limits(self.place_of(path)) or self._forgotten.holds(self._repository.top / path)

    def _remove(self, place: Path) -> None:
        with suppress(OSError):  # it was never written, or its folder still has other files
            place.unlink()
            for folder in place.parents:
                if folder == self._tree:
                    break
                folder.rmdir()

    def _write(self, change: Change) -> None:
        if change.after is None or self._forgotten.holds(self._repository.top / change.path):
            return
        content = self._repository.blob(change.after, MAX_FILE_BYTES)
        if content is None:
            return
        place = self.place_of(change.path)
        with suppress(OSError):  # a name that this system cannot have
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
