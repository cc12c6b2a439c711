"""What a model has learnt from, as digests: enough to tell whether a file was among it, but not what it said.

Of every file there is the digest of its absolute path and of its text, and of every folder around one the digest of its
path, so that a folder is known when its files are long gone. The paths that the user named are kept as they are, to
learn from them anew. Knows nothing of models.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from foretype.model import segment
from foretype.model.errors import DAMAGE

FORMAT = 1

_MAX_BYTES = 1 << 28


@dataclass(frozen=True, slots=True)
class Sources:
    """Hold what a model has learnt from; empty and incomplete where nothing was recorded."""

    files: frozenset[tuple[str, str]] = frozenset()
    """Digests of a file's path and of its text."""
    folders: frozenset[str] = frozenset()
    """Digests of the paths of all folders that these files lie in."""
    roots: tuple[str, ...] = ()
    """What the user named."""
    complete: bool = False
    """Whether it has learnt from nothing else."""

    @classmethod
    def of(cls, files: Iterable[tuple[Path, bytes]], roots: Iterable[Path]) -> Sources:
        """Return what is to be recorded of absolute paths and their texts."""
        pairs = list(files)
        folders = {folder for path, _ in pairs for folder in path.parents}
        return cls(
            frozenset((digest_of(path), segment.digest_of(text)) for path, text in pairs),
            frozenset(map(digest_of, folders)),
            tuple(sorted({str(absolute(root)) for root in roots})),
            complete=True,
        )

    def joined(self, other: Sources) -> Sources:
        """Return what a model has learnt from that learnt from both."""
        roots = tuple(sorted({*self.roots, *other.roots}))
        complete = self.complete and other.complete
        return Sources(self.files | other.files, self.folders | other.folders, roots, complete)

    def include(self, paths: Collection[str]) -> bool | None:
        """Tell whether any of these, digests of paths of files or folders, is among it; None if nobody knows."""
        if not self.folders.isdisjoint(paths) or any(path in paths for path, _ in self.files):
            return True
        return False if self.complete else None

    def to_json(self) -> bytes:
        """Return the content of a file that `from_json` reads."""
        about = {
            "format": FORMAT,
            "complete": self.complete,
            "roots": self.roots,
            "folders": sorted(self.folders),
            "files": sorted(self.files),
        }
        return json.dumps(about).encode("utf-8", "surrogatepass")

    @classmethod
    def from_json(cls, content: bytes) -> Sources:
        """Return what a file says; ValueError is raised for one that is damaged or of another format."""
        try:
            about = json.loads(content.decode("utf-8", "surrogatepass"))
            if about["format"] != FORMAT:
                raise ValueError(f"format {about['format']!r}, expected {FORMAT}")
            return cls(
                frozenset((str(path), str(text)) for path, text in about["files"]),
                frozenset(map(str, about["folders"])),
                tuple(map(str, about["roots"])),
                bool(about["complete"]),
            )
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"no sources ({error})") from error


def read(path: Path) -> Sources:
    """Return what a file says; one that is missing or damaged says nothing, and that it is incomplete."""
    try:
        with path.open("rb") as file:
            return Sources.from_json(file.read(_MAX_BYTES))
    except DAMAGE:
        return Sources()


def absolute(path: Path) -> Path:
    """Return the path under which a file is known; it need not exist."""
    return Path(os.path.realpath(path))


def is_missing(path: Path) -> bool:
    """Tell whether nothing can be found at a path, as after a file was moved or where nobody may look."""
    return not os.path.exists(path)  # noqa: PTH110  # Path's raises where nobody may look


def digest_of(path: Path) -> str:
    """Return what tells an absolute path from any other."""
    return blake2b(str(path).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
