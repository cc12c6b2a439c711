"""A project that every machine has: packages of Python's own library."""

from __future__ import annotations

import sysconfig
from pathlib import Path

_PACKAGES = ("asyncio", "email", "json", "http")


def library() -> Path:
    """Return the folder of Python's own library."""
    return Path(sysconfig.get_paths()["stdlib"])


def project() -> list[tuple[str, bytes]]:
    """Return the files of some packages, by path and text."""
    paths = sorted(path for name in _PACKAGES for path in (library() / name).rglob("*.py"))
    return [(path.relative_to(library()).as_posix(), path.read_bytes()) for path in paths]
