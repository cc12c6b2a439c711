"""When the network last learnt in the background from which folders, and whether it came to an end: a small file.

Replaced as a whole; a damaged one counts as none. Knows nothing of runs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from foretype.model import atomic
from foretype.model.errors import DAMAGE

_LEAST_SECONDS_BETWEEN = 12 * 3600.0
"""Between two runs over the same folders: what changes in less is what the memory is for."""


class LearningRecord:
    """Own the file."""

    def __init__(self, path: Path) -> None:
        """Read nothing yet; the file need not exist."""
        self._path = path

    def is_due(self, folders: Sequence[Path]) -> bool:
        """Tell whether one of the folders was not learnt from for a while, or a run over them was cut off."""
        begun = self._read("begun")
        since = (time.time() - begun.get(str(folder), 0.0) for folder in folders)
        # less than nothing: the clock was set back, and who knows by how much
        late = (not 0 <= seconds < _LEAST_SECONDS_BETWEEN for seconds in since)
        return self.is_unfinished(folders) or any(late)

    def is_unfinished(self, folders: Sequence[Path]) -> bool:
        """Tell whether the last run was over just these folders and was cut off."""
        return self._read("unfinished") == dict.fromkeys(map(str, folders), 1.0)

    def begin(self, folders: Sequence[Path]) -> None:
        """Note that a run begins."""
        names = [str(folder) for folder in folders]
        self._write(self._read("begun") | dict.fromkeys(names, time.time()), names)

    def finish(self) -> None:
        """Note that the run came to an end."""
        self._write(self._read("begun"), [])

    def _read(self, name: str) -> dict[str, float]:
        try:
            values: dict[str, Any] = json.loads(self._path.read_bytes())[name]
            return {str(folder): float(value) for folder, value in values.items()}
        except DAMAGE:
            return {}

    def _write(self, begun: dict[str, float], unfinished: Sequence[str]) -> None:
        content = {"begun": begun, "unfinished": dict.fromkeys(unfinished, 1.0)}
        atomic.write_file(self._path, json.dumps(content).encode())
