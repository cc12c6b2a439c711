"""A run that another process holds by a pipe: it pauses on `pause`, goes on with `go`, and ends when the pipe ends.

So a server that is killed leaves no run behind, and one that wants the processor has it within a step.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from foretype.training.learn import Watcher
    from foretype.training.train import Step

PAUSE, GO = "pause", "go"


class Controlled:
    """Pass everything on to a watcher, and obey between two steps."""

    def __init__(self, watcher: Watcher, lines: Iterable[str]) -> None:
        """Read `lines` from a thread until they end."""
        self._watcher = watcher
        self._may_go = threading.Event()
        self._may_go.set()
        self._ended = False
        threading.Thread(target=self._obey, args=(lines,), name="control", daemon=True).start()

    def note(self, text: str) -> None:
        """Pass on a line."""
        self._watcher.note(text)

    def step(self, step: Step) -> None:
        """Pass on a step, wait while the run is paused; at the pipe's end KeyboardInterrupt saves the run."""
        self._watcher.step(step)
        self._may_go.wait()
        if self._ended:
            raise KeyboardInterrupt

    def _obey(self, lines: Iterable[str]) -> None:
        for line in lines:
            if line.strip() == PAUSE:
                self._may_go.clear()
            elif line.strip() == GO:
                self._may_go.set()
        self._ended = True
        self._may_go.set()
