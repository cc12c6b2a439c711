"""Texts that need not fit in memory: kept there up to a size, on disk beyond it, gone when nobody holds them.

The file on disk has no name that another program could open where the system allows that, and a run that is killed
leaves none behind. Knows nothing of what the texts are.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile

from foretype.model import atomic

IN_MEMORY_BYTES = 64 << 20
"""A store that is smaller than this never touches the disk."""


class TextStore:
    """Append texts, and read any stretch of what was appended."""

    def __init__(self, folder: Path, in_memory_bytes: int | None = None) -> None:
        """Start empty; from `in_memory_bytes` on all will lie in `folder`, which is made when it is needed."""
        self.nbytes = 0
        """Bytes appended so far."""
        self._folder = folder
        self._in_memory_bytes = IN_MEMORY_BYTES if in_memory_bytes is None else in_memory_bytes
        self._file = SpooledTemporaryFile(dir=str(folder))  # noqa: SIM115  # open as long as this lives
        weakref.finalize(self, self._file.close)
        self._on_disk = False

    def add(self, text: bytes) -> Stored:
        """Append `text`; a full disk raises OSError."""
        start = self.nbytes
        if not self._on_disk and start + len(text) > self._in_memory_bytes:
            atomic.make_folder(self._folder)
            self._file.rollover()  # by hand: the folder may not have been there
            self._on_disk = True
        self._file.seek(start)
        self._file.write(text)
        self.nbytes += len(text)
        return Stored(self, start, len(text))

    def read(self, start: int, length: int) -> bytes:
        """Return `length` bytes from byte `start`, counted over all texts; fewer at the end."""
        self._file.seek(start)
        return self._file.read(length)


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """Say where a text lies, and keep its store alive."""

    store: TextStore
    start: int
    length: int
    """Bytes."""

    def read(self) -> bytes:
        """Return the text."""
        return self.store.read(self.start, self.length)

    def part(self, start: int, end: int) -> Stored:
        """Return where bytes `start` to `end` of the text lie."""
        assert 0 <= start <= end <= self.length
        return Stored(self.store, self.start + start, end - start)
