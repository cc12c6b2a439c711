"""What the user wants forgotten: files and folders that nothing is to be learnt from until the user says otherwise.

    forgotten.json   in the data directory: format number and, by absolute path, under which other paths a text that is
                     the same was learnt before, as digests

Knows nothing of memories and models, which are to be cleared of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock

from foretype.model import atomic, sources
from foretype.model.errors import DAMAGE, CheckpointError
from foretype.model.json_file import read_json

FORMAT = 1

_FILE = "forgotten.json"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Hold the files and folders that are forgotten."""

    paths: Mapping[Path, frozenset[str]] = field(default_factory=dict)
    """Absolute, with the digests of paths that had the same text."""

    def holds(self, path: Path) -> bool:
        """Tell whether an absolute path, or a folder that it lies in, is forgotten."""
        return bool(self.paths) and (path in self.paths or any(folder in self.paths for folder in path.parents))

    def digests(self) -> frozenset[str]:
        """Return the digests of all paths that are forgotten; see `Sources.include`."""
        return frozenset(map(sources.digest_of, self.paths)).union(*self.paths.values())

    def below(self, path: Path) -> list[Path]:
        """Return what is forgotten of an absolute path: itself, or what lies in it."""
        return [one for one in self.paths if one.is_relative_to(path)]

    def among(self, paths: list[Path]) -> Forgotten:
        """Return only what is forgotten of these paths."""
        return Forgotten({one: self.paths[one] for path in paths for one in self.below(path)})


def load(root: Path) -> Forgotten:
    """Return what is forgotten, as the data directory `root` says; a damaged list raises CheckpointError.

    It must not be taken for an empty one: what the user wants forgotten would be learnt again.
    """
    try:
        about = read_json(root / _FILE)
        if about["format"] != FORMAT:
            raise ValueError(f"format {about['format']!r}, expected {FORMAT}")
        return Forgotten({Path(path): frozenset(map(str, same)) for path, same in about["paths"].items()})
    except (FileNotFoundError, NotADirectoryError):
        return Forgotten()
    except DAMAGE as error:
        advice = "remove it and say anew what to forget"
        raise CheckpointError(f"{root / _FILE} is damaged ({error}); {advice}") from error


def add(root: Path, found: Mapping[Path, frozenset[str]]) -> Forgotten:
    """Put absolute paths on the list and return it."""
    with _locked(root):
        paths = dict(load(root).paths)
        for path, same in found.items():
            paths[path] = paths.get(path, frozenset()) | same
        return _write(root, paths)


def remove(root: Path, path: Path) -> list[Path]:
    """Take an absolute path, and all that lies in it, off the list and return what was taken off."""
    with _locked(root):
        old = load(root)
        gone = old.below(path)
        if gone:
            _write(root, {one: same for one, same in old.paths.items() if one not in gone})
        return gone


def _write(root: Path, paths: Mapping[Path, frozenset[str]]) -> Forgotten:
    about = {"format": FORMAT, "paths": {str(path): sorted(paths[path]) for path in sorted(paths)}}
    atomic.write_file(root / _FILE, json.dumps(about, indent=2).encode("utf-8", "surrogatepass"))
    return Forgotten(paths)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    atomic.make_folder(root)
    with FileLock(root / f".{_FILE}.lock"):
        yield
