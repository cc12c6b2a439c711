"""The first of learning's two clocks: the memory of every folder that was named is live within seconds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from foretype.model import indexing, memory
from foretype.model.errors import UserError
from foretype.model.registry import memories_dir


@dataclass(frozen=True, slots=True)
class Remembered:
    """Tell what the memories of all folders hold now."""

    nbytes: int
    files: int
    seconds: float

    def report(self) -> dict[str, object]:
        """Return what `train --json` says of the memory."""
        return {"bytes": self.nbytes, "seconds": round(self.seconds, 3)}

    def sentence(self) -> str:
        """Return one line for a person."""
        return f"remembered {self.files} files, {self.nbytes / 1e6:.2f} MB, in {self.seconds:.1f} s"


def remember(paths: Sequence[Path]) -> Remembered:
    """Bring the memory of each folder up to date; single files have none. A missing path raises UserError."""
    began = time.perf_counter()
    held = []
    for path in paths:
        if not path.exists():
            raise UserError(f"{path} does not exist")
        if path.is_dir():
            held.append(indexing.refresh(memory.folder_of(memories_dir(), path), path).memory)
    seconds = time.perf_counter() - began
    return Remembered(sum(one.nbytes for one in held), sum(len(one.stamps) for one in held), seconds)
