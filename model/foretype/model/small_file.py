"""A file that anybody may have put there, read only if it is one and small: a pipe would never end."""

from __future__ import annotations

from pathlib import Path

_MOST_BYTES = 1 << 20


def read_small(path: Path) -> bytes | None:
    """Return the content of a file, None if there is none, it may not be read, or it has more than 1 MB."""
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        return path.read_bytes()
    except (OSError, ValueError):  # also a name that no file can have
        return None
