"""A data directory with one of everything in it, and ways to damage what it holds."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from tests.conftest import write_project

from foretype.model import atomic, forgotten, indexing, memory
from foretype.model.registry import Registry
from foretype.server.ledger import Fate, Ledger, Outcome


def _make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "of noise": lambda path: path.write_bytes(hashlib.shake_256(b"noise").digest(path.stat().st_size)),
    "of a list": lambda path: path.write_bytes(b"[[1]]".ljust(path.stat().st_size)),
    "nested": lambda path: path.write_bytes(b"[" * 100_000),
    "of nothing known": lambda path: path.write_bytes(b'{"format": 1e999, "files": [], "paths": 3}'),
    "a folder": _make_folder,
}


def fill(registry: Registry, project: Path) -> None:
    """Add a project's memory, a ledger, a list of what is forgotten and records of learning to a registry's folder."""
    if not project.exists():
        write_project(project, 4)
    forgotten.add(registry.root, {project.resolve() / "names_3.py": frozenset()})
    indexing.refresh(memory.folder_of(registry.root / "memories", project), project)
    ledger = Ledger(registry.root / "ledger.sqlite")
    ledger.record(Outcome(int(time.time()), "python", 9, 9, 8, Fate.ACCEPTED, 0.7, right=True))
    ledger.close()
    atomic.write_file(registry.root / "training" / "background.json", b'{"begun": {}, "unfinished": {}}')


def files(data: Path) -> list[Path]:
    """Return every file that a user would miss."""
    passing = (".lock", "-wal", "-shm", ".pid")
    return sorted(path for path in data.rglob("*") if path.is_file() and not path.name.endswith(passing))


def digests(data: Path) -> dict[str, str]:
    """Return a digest of each of `files`, by its path below `data`."""
    return {path.relative_to(data).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files(data)}


def one_of_a_kind(data: Path) -> list[Path]:
    """Return one file of each kind."""
    kinds: dict[str, Path] = {}
    for path in files(data):
        kinds.setdefault(path.name, path)
    return list(kinds.values())
