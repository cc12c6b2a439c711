"""A project's memory: segments on disk, one of all files at first, small ones for what changed since.

    memory.json    format number, the project's folder, the segments in order, the files of each that are gone, and
                   for every file what told its owner that it had not changed
    <digest>/      a segment, see segment.py

A file that changes is silenced where it was and indexed anew in a new segment; small segments are merged when they
become many, as log-structured stores do (O'Neil et al. 1996). A reader that has a memory open keeps what it has.
Knows files by key and text; where they come from is others' business.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from foretype.model import atomic, segment
from foretype.model.errors import DAMAGE, CheckpointError
from foretype.model.json_file import read_json
from foretype.model.segment import IndexedFile, Mask, Rows, Segment

FORMAT = 2
"""Raised as well when secrets are found that were not found before: a memory of before may hold some."""

Stamp = tuple[int, int]
"""Size and time of change, in nanoseconds, as they were when a file was read."""

_MANIFEST = "memory.json"
_OURS = re.compile(r"[0-9a-f]{32}|\.[0-9a-f]{32}-.*|\.memory\.json-.*")
"""What `update` and `erase` write beside the manifest, whole or half."""
_MAX_SEGMENTS = 8
"""Every segment costs each prediction a few microseconds."""
_LEAST_SMALL = 4
"""So many small segments may stand beside any number of full ones, which would be no fewer if they were merged."""
_GROWTH = 3
"""A segment that is not this many times as large as all newer ones together is merged with them."""
_MAX_SILENT_SHARE = 0.2
"""A segment of which more than this share is gone is written anew."""


@dataclass(frozen=True, slots=True)
class Part:
    """Hold one segment of a memory and the keys of its files that are gone."""

    name: str
    segment: Segment
    gone: frozenset[str] = frozenset()
    rows: dict[str, Rows] = field(default_factory=dict, compare=False, repr=False)
    """Of files that are gone, by key, as far as they have been looked for, which takes long; shared by those that
    come of this part."""

    @property
    def files(self) -> list[IndexedFile]:
        """The files that still answer."""
        return [file for file in self.segment.files if file.key not in self.gone]

    def texts(self) -> list[tuple[str, bytes]]:
        """Return the files that still answer, with their texts."""
        return [(file.key, self.segment.text_of(file)) for file in self.files]

    @property
    def nbytes(self) -> int:
        """Bytes of the files that still answer."""
        return sum(file.nbytes for file in self.files)

    def mask(self, keys: Collection[str]) -> Mask:
        """Return what silences what is gone and the files of these keys."""
        silent = [file for file in self.segment.files if file.key in self.gone or file.key in keys]
        for file in silent:
            if file.key in self.gone and file.key not in self.rows:
                self.rows[file.key] = self.segment.rows_of(file)
        return self.segment.mask(silent, self.rows)


@dataclass(frozen=True, slots=True)
class Memory:
    """Hold a project's memory as it was when it was opened."""

    parts: tuple[Part, ...] = ()
    stamps: Mapping[str, Stamp] = field(default_factory=dict)
    """By key; a file without one is not held."""

    @property
    def nbytes(self) -> int:
        """Bytes of all files that answer."""
        return sum(part.nbytes for part in self.parts)

    def digests(self) -> dict[str, str]:
        """Return the digest of every file's text by key."""
        return {file.key: file.digest for part in self.parts for file in part.files}

    def is_like(self, other: Memory) -> bool:
        """Tell whether another memory answers as this one does."""
        return [(part.name, part.gone) for part in self.parts] == [(part.name, part.gone) for part in other.parts]

    def without(self, keys: Collection[str] = ()) -> list[tuple[Segment, Mask]]:
        """Return every segment and the mask that silences what is gone and the files of these keys."""
        return [(part.segment, part.mask(keys)) for part in self.parts]

    def sharing(self, other: Memory) -> Memory:
        """Return this memory with the segments that `other` has opened already, and what it has found out of them."""
        opened = {part.name: part for part in other.parts}
        return Memory(tuple(replace(opened.get(part.name, part), gone=part.gone) for part in self.parts), self.stamps)


def folder_of(memories: Path, project: Path) -> Path:
    """Return where below `memories` the memory of a project's folder lies."""
    return memories / blake2b(str(project.resolve()).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def others(memories: Path, project: Path) -> list[Memory]:
    """Open the memories of all projects that share no folder with `project`, those changed last at the end.

    One that cannot be read is left out.
    """
    project = project.resolve()
    found = []
    for folder in sorted(folders(memories), key=stamp_of):
        try:
            other = project_of(folder)
            if other is None or other.is_relative_to(project) or project.is_relative_to(other):
                continue
            found.append(load(folder))
        except CheckpointError:
            continue
    return [memory for memory in found if memory is not None]


def folders(memories: Path) -> list[Path]:
    """Return the folder of every memory below `memories`, whatever state it is in."""
    return sorted(path for path in memories.iterdir() if path.is_dir()) if memories.is_dir() else []


def project_of(folder: Path) -> Path | None:
    """Return the project whose memory lies in `folder`, None where there is none or it cannot be read."""
    try:
        return Path(str(read_json(folder / _MANIFEST)["project"]).replace("\0", ""))
    except DAMAGE:
        return None


def stamp_of(folder: Path) -> tuple[int, int]:
    """Return what changes whenever the memory in `folder` does: a time in nanoseconds first, 0 where there is none."""
    try:
        about = (folder / _MANIFEST).stat()
    except OSError:
        return 0, 0
    return about.st_mtime_ns, about.st_ino


def load(folder: Path) -> Memory | None:
    """Open the memory in `folder`, None where there is none; a damaged one raises CheckpointError."""
    manifest = folder / _MANIFEST
    try:
        about = read_json(manifest)
        if about["format"] != FORMAT:
            raise ValueError(f"format {about['format']!r}, expected {FORMAT}")
        rows = [(str(row["name"]), frozenset(map(str, row["gone"]))) for row in about["segments"]]
        stamps = {str(key): (int(size), int(changed)) for key, (size, changed) in about["files"].items()}
    except FileNotFoundError:
        return None
    except DAMAGE as error:
        raise CheckpointError(f"{manifest} is damaged ({error}); build the memory anew") from error
    if any(not name.isalnum() or (folder / name).is_symlink() for name, _ in rows):
        raise CheckpointError(f"{manifest} names a segment outside its folder; build the memory anew")
    return Memory(tuple(Part(name, segment.load(folder / name), gone) for name, gone in rows), stamps)


def update(folder: Path, project: Path, changed: Mapping[str, bytes], stamps: Mapping[str, Stamp]) -> Memory:
    """Index the texts of `changed`, silence every file that has no stamp any more, write it down, return the result.

    A text that is the same as before is not indexed again. Whoever has the memory open keeps what they have.
    """
    old = load_or_empty(folder)
    known = old.digests()
    fresh = {key: text for key, text in changed.items() if known.get(key) != segment.digest_of(text)}
    leaving = (known.keys() - stamps.keys()) | (known.keys() & fresh.keys())
    if not fresh and not leaving and stamps == old.stamps:
        _sweep(folder, old.parts)
        return old
    kept = [_leave(part, leaving) for part in old.parts]
    if fresh or leaving:
        kept, merged = _merge(kept, sum(map(len, fresh.values())))
        texts = [*(pair for part in merged for pair in part.texts()), *fresh.items()]
        kept += [_write(folder, group) for group in _groups(texts)]
    return _put_down(folder, project, kept, stamps)


def erase(folder: Path, doomed: Callable[[str], bool], texts: Collection[str] = ()) -> Memory:
    """Take the files whose keys are `doomed` off the disk, whether they still answer or not, and return what is left.

    With them goes whatever else is silent by now: it may be what such a file said before, or under another key. The
    same holds of a memory in which one of `texts`, digests, is silent. A memory that cannot be read is taken away.
    """
    old, project = load_or_empty(folder), project_of(folder)
    if not old.parts or project is None:
        (folder / _MANIFEST).unlink(missing_ok=True)
        _sweep(folder, ())
        return Memory()
    if not any(_must_go(part, doomed, texts) for part in old.parts):
        _sweep(folder, old.parts)
        return old
    kept: list[Part] = []
    for part in old.parts:
        staying = [(key, text) for key, text in part.texts() if not doomed(key)]
        whole = len(staying) == len(part.segment.files)
        kept += [part] if whole else [_write(folder, group) for group in _groups(staying)]
    return _put_down(folder, project, kept, {key: stamp for key, stamp in old.stamps.items() if not doomed(key)})


def _must_go(part: Part, doomed: Callable[[str], bool], texts: Collection[str]) -> bool:
    """Tell whether a segment has bytes on disk that `erase` is to take away."""
    return any(doomed(file.key) or (file.key in part.gone and file.digest in texts) for file in part.segment.files)


def _put_down(folder: Path, project: Path, parts: Sequence[Part], stamps: Mapping[str, Stamp]) -> Memory:
    """Let a memory consist of these segments from now on."""
    about: dict[str, Any] = {
        "format": FORMAT,
        "project": str(project.resolve()),
        "segments": [{"name": part.name, "gone": sorted(part.gone)} for part in parts],
        "files": dict(stamps),
    }
    atomic.write_file(folder / _MANIFEST, json.dumps(about).encode("utf-8", "surrogatepass"))
    _sweep(folder, parts)
    return Memory(tuple(parts), dict(stamps))


def load_or_empty(folder: Path) -> Memory:
    """Open the memory in `folder`; one that is missing or cannot be read is taken for empty, to be built anew."""
    try:
        return load(folder) or Memory()
    except CheckpointError:
        return Memory()


def _leave(part: Part, keys: Collection[str]) -> Part:
    mine = {file.key for file in part.segment.files}.intersection(keys)
    return replace(part, gone=part.gone | mine) if mine else part


def _merge(parts: list[Part], fresh_bytes: int) -> tuple[list[Part], list[Part]]:
    """Return (kept, merged): which segments stay and which are written anew together with the fresh text."""
    kept, merged = list(parts), []
    wasteful = [part for part in parts if part.nbytes < (1 - _MAX_SILENT_SHARE) * part.segment.nbytes]
    for part in wasteful:
        kept.remove(part)
        merged.append(part)
    together = fresh_bytes + sum(part.nbytes for part in merged)
    full = segment.MAX_BYTES // 2
    most = max(_MAX_SEGMENTS, sum(part.nbytes > full for part in kept) + _LEAST_SMALL)
    while kept and (kept[-1].nbytes < _GROWTH * together or len(kept) >= most):
        if kept[-1].nbytes + together > full and len(kept) < most:
            break
        together += kept[-1].nbytes
        merged.append(kept.pop())
    return kept, merged


def _groups(texts: list[tuple[str, bytes]]) -> list[list[tuple[str, bytes]]]:
    """Cut texts into groups that each fit a segment; a text that fits none is left out."""
    groups: list[list[tuple[str, bytes]]] = []
    room = 0
    for key, text in texts:
        needed = len(text) + 1
        if needed + 1 > segment.MAX_BYTES:
            continue
        if needed > room:
            groups.append([])
            room = segment.MAX_BYTES - 1
        groups[-1].append((key, text))
        room -= needed
    return groups


def _write(folder: Path, texts: list[tuple[str, bytes]]) -> Part:
    digest = blake2b(digest_size=16)
    for key, text in texts:
        digest.update(f"{key}\0{segment.digest_of(text)}\0".encode("utf-8", "surrogatepass"))
    name = digest.hexdigest()
    try:
        return Part(name, segment.load(folder / name))
    except CheckpointError:  # it is not there yet, or damaged
        shutil.rmtree(folder / name, ignore_errors=True)
    segment.save(segment.build(texts), folder / name)
    return Part(name, segment.load(folder / name))


def _sweep(folder: Path, parts: Sequence[Part]) -> None:
    """Remove segments that are no part of the memory, and what a killed process left half-written."""
    names = {part.name for part in parts}
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in names and _OURS.fullmatch(path.name):
            if path.is_file():
                path.unlink(missing_ok=True)
            elif path.name.startswith("."):
                shutil.rmtree(path, ignore_errors=True)
            else:
                with suppress(OSError):  # Windows refuses while somebody has it mapped: the next update tries again
                    atomic.remove_folder(path)
