"""Keep a project's memory true to its folder: read what is new or changed, forget what is gone.

A file that has the size and time of change it had is not opened. Secrets are replaced before anything is indexed. What
the user wants forgotten is not read, and what a memory still had of it is taken off the disk.
Not for two at once on one folder: a lock lets the second one wait. Knows nothing of editors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from foretype.model import atomic, files, forgotten, memory, secrets, segment, sources
from foretype.model.forgotten import Forgotten
from foretype.model.memory import Memory, Stamp
from foretype.model.registry import data_dir

DEFAULT_LIMIT_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Indexed:
    """Tell what came of bringing a memory up to date."""

    memory: Memory
    read: int
    """Files whose text was read because they are new or have changed."""
    left_out: Counter[str]
    """Files that the memory does not hold, by reason."""


def refresh(folder: Path, project: Path, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> Indexed:
    """Bring the memory in `folder` up to date with all files of `project`; above the limit the newest files win."""
    left_out: dict[Path, str] = {}
    project = project.resolve()
    with _locked(folder):
        out = forgotten.load(data_dir())
        old = _without(folder, project, out)
        stamps = _stamps(project, limit_bytes, left_out, out)
        opened = [key for key, stamp in stamps.items() if old.stamps.get(key) != stamp]
        known = {key: stamps[key] for key in stamps.keys() - set(opened)}
        read = 0
        for texts in _batches(project, opened, left_out):
            read += len(texts)
            known |= {key: stamps[key] for key in texts}
            old = memory.update(folder, project, texts, known)
        return Indexed(old, read, Counter(left_out.values()))


def _batches(project: Path, keys: Sequence[str], left_out: dict[Path, str]) -> Iterator[dict[str, bytes]]:
    """Yield the texts of files, as many at a time as one segment takes, so that they are never all in memory."""
    texts: dict[str, bytes] = {}
    room = segment.MAX_BYTES - 1
    for key in keys:
        text = _text(project / key, left_out)
        if text is None:
            continue
        needed = len(text) + 1
        if needed > room:
            yield texts
            texts, room = {}, segment.MAX_BYTES - 1
        texts[key] = text
        room -= needed
    yield texts


def refresh_file(folder: Path, project: Path, path: Path, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> Memory:
    """Bring the memory up to date with one file of `project`, which may be gone; above the limit as `refresh` does."""
    return refresh_files(folder, project, [path], limit_bytes)


def refresh_files(
    folder: Path,
    project: Path,
    paths: Sequence[Path],
    limit_bytes: int = DEFAULT_LIMIT_BYTES,
    wait_seconds: float = -1,
) -> Memory:
    """Bring the memory up to date with some files of `project` at once, as `refresh_file` does with one.

    TimeoutError if others work on the memory for longer than `wait_seconds`; without a limit it waits for them.
    """
    root = project.resolve()
    with _locked(folder, wait_seconds):
        out = forgotten.load(data_dir())
        stamps, texts = dict(_without(folder, root, out).stamps), {}
        for path in paths:
            key = key_of(root, path)
            assert key is not None, "the file lies in the project"
            stamps.pop(key, None)
            allowed = files.may_be_read(root, path.resolve()) and not out.holds(path.resolve())
            stamp = _stamp(path) if allowed else None  # before it is read: what is written meanwhile is read again
            text = None if stamp is None else _text(path, {})
            if stamp is not None and text is not None:
                stamps[key], texts[key] = stamp, text
        stamps = _newest(stamps, limit_bytes)
        changed = {key: text for key, text in texts.items() if key in stamps}
        return memory.update(folder, project, changed, stamps)


def forget(folder: Path, texts: Collection[str] = ()) -> Memory:
    """Take off the disk whatever the memory in `folder` holds of what the user wants forgotten; see `memory.erase`.

    One of `texts` goes as well where it still answers under a path at which nothing lies any more.
    """
    with _locked(folder):
        out, project = forgotten.load(data_dir()), memory.project_of(folder)
        held = memory.load_or_empty(folder).digests()

        def is_doomed(key: str) -> bool:
            if project is None:
                return False
            return out.holds(project / key) or (held.get(key) in texts and sources.is_missing(project / key))

        return memory.erase(folder, is_doomed, texts)


def key_of(project: Path, path: Path) -> str | None:
    """Return a file's key in the memory of `project`, None if it lies elsewhere."""
    try:
        return path.resolve().relative_to(project.resolve()).as_posix()
    except ValueError:
        return None


def _text(path: Path, left_out: dict[Path, str]) -> bytes | None:
    text, reason = files.read_text(path)
    if text is None:
        left_out[path] = reason
        return None
    return secrets.scrub(text)[0]


def _without(folder: Path, project: Path, out: Forgotten) -> Memory:
    """Open a memory for bringing it up to date, and erase what is forgotten if it came in before that was said."""
    found = memory.load_or_empty(folder)
    if out.paths and any(out.holds(project / key) for key in found.stamps):
        return memory.erase(folder, lambda key: out.holds(project / key))
    return found


def _stamps(project: Path, limit_bytes: int, left_out: dict[Path, str], out: Forgotten) -> dict[str, Stamp]:
    found = {}
    for path, key in files.candidates(project, left_out):
        if out.holds(path):
            left_out[path] = "forgotten"
            continue
        stamp = _stamp(path)
        if stamp is None:
            left_out[path] = "unreadable"
        elif stamp[0] > files.MAX_FILE_BYTES:
            left_out[path] = "too large"
        else:
            found[key] = stamp
    kept = _newest(found, limit_bytes)
    left_out |= {project / key: "over the limit" for key in found.keys() - kept.keys()}
    return kept


def _newest(found: dict[str, Stamp], limit_bytes: int) -> dict[str, Stamp]:
    """Return the files that were changed last, as many as the limit allows."""
    total = sum(size for size, _ in found.values())
    kept = dict(found)
    for key in sorted(found, key=lambda key: found[key][1]):  # the oldest first
        if total <= limit_bytes:
            break
        total -= kept.pop(key)[0]
    return kept


def _stamp(path: Path) -> Stamp | None:
    """Return what tells that a file has changed, None where it is gone by now."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_size, about.st_mtime_ns


@contextmanager
def _locked(folder: Path, wait_seconds: float = -1) -> Iterator[None]:
    atomic.make_folder(folder)
    with FileLock(folder / ".lock", timeout=wait_seconds):
        yield
