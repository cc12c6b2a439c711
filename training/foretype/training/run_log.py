"""The figures of a run as JSON lines beside its snapshot: what it learnt, how fast, and what it writes by now."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from foretype.model import atomic

if TYPE_CHECKING:
    from foretype.training.learn import Watcher
    from foretype.training.train import Step

_LINE_SECONDS = 5.0


class RunLog:
    """Pass everything on to a watcher and write it down; a line that cannot be written never ends a run."""

    def __init__(self, path: Path, watcher: Watcher, *, resumed: bool) -> None:
        """Begin a new log, or go on with the one that is there if the run is `resumed`."""
        self._path = path
        self._watcher = watcher
        self._written = 0.0
        if not resumed:
            path.unlink(missing_ok=True)

    def note(self, text: str) -> None:
        """Pass on a line."""
        self._watcher.note(text)
        self._write({"note": text})

    def step(self, step: Step) -> None:
        """Pass on a step; write it down if it was looked at closely or the last line is some seconds old."""
        self._watcher.step(step)
        if step.held_out_bits is None and time.monotonic() - self._written < _LINE_SECONDS:
            return
        self._written = time.monotonic()
        figures: dict[str, object] = {
            "step": step.number,
            "progress": round(step.progress, 4),
            "seconds": round(step.seconds, 2),
            "bytes": step.bytes_seen,
            "bits": round(step.bits, 4),
        }
        if step.held_out_bits is not None:
            figures |= {"held_out_bits": round(step.held_out_bits, 4), "sample": step.sample}
        self._write(figures)

    def _write(self, line: dict[str, object]) -> None:
        try:
            atomic.make_folder(self._path.parent)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        except OSError:
            pass
