"""The folders of one client that are to be remembered: none before it is known that the user wants that.

On the event loop's thread. Knows nothing of LSP or of how folders are read.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from foretype.server.memories import Memories


class Projects:
    """Own the choice of what `memories` hold."""

    def __init__(self, memories: Memories, begun: Callable[[Path, Future[None]], None]) -> None:
        """Start with no folder; `begun` is told of each that begins to be read."""
        self._memories = memories
        self._begun = begun
        self._folders: list[Path] = []
        self._allowed = True
        self._settled = False

    def add(self, folder: Path) -> None:
        """Remember a folder as well."""
        if folder not in self._folders:
            self._folders.append(folder)
            self._follow()

    def remove(self, folder: Path) -> None:
        """Remember a folder no longer."""
        if folder in self._folders:
            self._folders.remove(folder)
            self._memories.remove(folder)

    def allow(self, allowed: bool) -> None:
        """Remember the folders, or none of them; before `settle` neither happens."""
        self._allowed = allowed
        self._follow()

    def settle(self) -> None:
        """Note that what was allowed last is what the user wants: until then no file is read."""
        self._settled = True
        self._follow()

    def _follow(self) -> None:
        for folder in self._folders if self._settled else ():
            if not self._allowed:
                self._memories.remove(folder)
            elif (begun := self._memories.add(folder)) is not None:
                self._begun(folder, begun)
