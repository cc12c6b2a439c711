"""Whole projects that training never saw, cut as a user meets them: files that are known, and files being typed.

Knows nothing of networks or memories.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from foretype.training import shards

_TYPED_SHARE = 0.15
_SHORTEST, _LONGEST = 800, 32_000
"""Files outside are data or prove little; all of them can be known, only these are typed."""


@dataclass(frozen=True, slots=True)
class Project:
    """Hold the files of one project as (path, text)."""

    name: str
    known: tuple[tuple[str, bytes], ...]
    typed: tuple[tuple[str, bytes], ...]


def projects(folder: Path, typed_bytes: int) -> Iterator[Project]:
    """Yield the packages of a folder of shards, of each at most `typed_bytes` being typed."""
    found: dict[str, list[tuple[str, bytes]]] = {}
    for document in shards.documents(folder):
        found.setdefault(document.package, []).append((document.path, document.text))
    for name, files in found.items():
        project = cut(name, files, typed_bytes)
        if project.typed and project.known:
            yield project


def cut(name: str, files: list[tuple[str, bytes]], typed_bytes: int) -> Project:
    """Return a project whose files are cut by a hash of their paths."""
    ranked = sorted(files, key=lambda file: blake2b(f"{name}/{file[0]}".encode("utf-8", "surrogatepass")).digest())
    wanted = max(1, round(_TYPED_SHARE * len(files)))
    known: list[tuple[str, bytes]] = []
    typed: list[tuple[str, bytes]] = []
    size = 0
    for path, text in ranked:
        if len(typed) < wanted and _SHORTEST <= len(text) <= _LONGEST and size < typed_bytes:
            typed.append((path, text))
            size += len(text)
        else:
            known.append((path, text))
    return Project(name, tuple(known), tuple(typed))
