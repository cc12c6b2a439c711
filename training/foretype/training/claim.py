"""The claim of one process on the runs of one model: two at once would write over each other's snapshot.

    training/NAME.lock   locked as long as the process lives, by the system itself: a kill frees it
    training/NAME.pid    whose it is, for the one line that the second process says

Knows nothing of what a run does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from foretype.model import atomic
from foretype.model.errors import UserError


@contextmanager
def claimed(folder: Path, name: str) -> Iterator[None]:
    """Keep other processes from training `name`; if one does that already, UserError is raised at once."""
    atomic.make_folder(folder)
    owner = folder / f"{name}.pid"
    lock = FileLock(folder / f"{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UserError(
            f"another process ({_pid(owner)}) trains {name!r}; wait for it, end it, or choose another --name"
        ) from None
    try:
        atomic.write_file(owner, str(os.getpid()).encode())
        yield
        owner.unlink(missing_ok=True)
    finally:
        lock.release()


def _pid(owner: Path) -> str:
    try:
        return f"pid {int(owner.read_text(encoding='utf-8'))}"
    except (OSError, ValueError):  # it has only just begun
        return "pid unknown"
