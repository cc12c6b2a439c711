"""Text for training on disk: many documents in a few files, each with the path it had.

    0000.bin     the documents' bytes, one after another
    0000.jsonl   one line a document: start and length in the .bin file, path, package

A folder of shards is written whole or not at all. Knows nothing of where the text comes from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TextIO

from foretype.model import atomic
from foretype.model.errors import CheckpointError

SHARD_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class ShardedText:
    """Hold one document of a shard."""

    path: str
    package: str
    text: bytes


class ShardWriter:
    """Write documents to a folder; a context manager that closes the files."""

    def __init__(self, folder: Path, shard_bytes: int = SHARD_BYTES) -> None:
        """Start with an empty folder; a shard that has grown to `shard_bytes` is followed by another."""
        self.nbytes = 0
        """Bytes of text written so far."""
        self._folder = folder
        self._shard_bytes = shard_bytes
        self._shards = 0
        self._text: BinaryIO | None = None
        self._index: TextIO | None = None

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the files."""
        self._close()

    def add(self, document: ShardedText) -> None:
        """Append a document."""
        text, index = self._files()
        row = [text.tell(), len(document.text), document.path, document.package]
        index.write(json.dumps(row, ensure_ascii=True) + "\n")
        text.write(document.text)
        self.nbytes += len(document.text)

    def _files(self) -> tuple[BinaryIO, TextIO]:
        if self._text is not None and self._text.tell() >= self._shard_bytes:
            self._close()
        if self._text is None or self._index is None:
            name = f"{self._shards:04d}"
            self._shards += 1
            self._text = (self._folder / f"{name}.bin").open("wb")
            self._index = (self._folder / f"{name}.jsonl").open("w", encoding="utf-8", newline="\n")
        return self._text, self._index

    def _close(self) -> None:
        for file in (self._text, self._index):
            if file is not None:
                file.close()
        self._text = self._index = None


@contextmanager
def new_shards(folder: Path, shard_bytes: int = SHARD_BYTES) -> Iterator[ShardWriter]:
    """Yield a writer whose documents become `folder`, which must not exist, only if the block ends well."""
    with atomic.new_folder(folder) as beside, ShardWriter(beside, shard_bytes) as writer:
        yield writer  # closed before the folder is flushed and renamed


def documents(folder: Path) -> Iterator[ShardedText]:
    """Yield all documents of a folder of shards in order; a damaged shard raises CheckpointError."""
    for index in sorted(folder.glob("*.jsonl")):
        content = index.with_suffix(".bin").read_bytes()
        for line in index.read_text(encoding="utf-8").splitlines():
            try:
                start, length, path, package = json.loads(line)
            except ValueError as error:
                raise CheckpointError(f"{index} is damaged ({error}); build the shards anew") from error
            text = content[start : start + length]
            if len(text) != length:
                raise CheckpointError(f"{index.with_suffix('.bin')} is cut short; build the shards anew")
            yield ShardedText(path, package, text)
