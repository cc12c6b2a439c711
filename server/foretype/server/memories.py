"""The memories of the folders that a client works in: built in the background, kept true to the files.

All work is done one job after another on a thread of its own; bringing a whole folder up to date, or many files at
once, is done by another process of low priority, so that reading thousands of files never delays an answer. What is
here at any moment is an immutable value that the worker of suggestions may use. What other processes make of a memory
on disk, `foretype forget` above all, is noticed within seconds. Knows nothing of LSP.
"""

from __future__ import annotations

import logging
import subprocess
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Collection
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from foretype.model import indexing, memory
from foretype.model.errors import UserError
from foretype.model.memory import Memory
from foretype.model.registry import memories_dir
from foretype.model.segment import Mask, Segment
from foretype.server.known_files import KnownFiles
from foretype.server.program import PROGRAM, UNSEEN

_log = logging.getLogger(__name__)

_WATCH_SECONDS = 1.0
"""Between two looks at the time stamps of what is held: a few microseconds each."""
_MOST_FILES = 16
"""More that are saved at once, by a change of branch say, are read by another process."""
_WAIT_SECONDS = 1.0
"""How long a thread of ours waits for whoever works on a memory; longer waits are for a process that can be ended."""
_ROOT_MARKS = (".git", ".hg", ".svn", ".jj")


@dataclass(frozen=True, slots=True)
class _Held:
    memory: Memory
    version: int
    stamp: tuple[int, int]
    """Of the memory on disk, just before it was opened."""


class Memories:
    """Own the memories of one client's folders."""

    def __init__(
        self,
        limit_bytes: Callable[[], int] = lambda: indexing.DEFAULT_LIMIT_BYTES,
        reads_others: Callable[[], bool] = lambda: False,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """Start with no folder; `limit_bytes` tells how much text one folder's memory may hold.

        `reads_others` tells whether the memories of projects that are not open may help; `changed` is called from
        another thread whenever something is remembered that was not before.
        """
        self._changed = changed
        self._limit_bytes = limit_bytes
        self._reads_others = reads_others
        self._held: dict[Path, _Held] = {}
        self._wanted: set[Path] = set()
        self._being_read: set[Path] = set()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="memories")
        self._versions = count(1)
        """All different, so that a document that comes to lie in another folder sees another one."""
        self._child: subprocess.Popen[str] | None = None
        self._indexed: Path | None = None
        """What the child reads."""
        self._stopped = False
        self._ended = threading.Event()
        self._others: dict[Path, tuple[int, int]] = {}
        self._saved: deque[Path] = deque()
        self._watcher = threading.Thread(target=self._watch, name="memories-watch", daemon=True)
        self._watcher.start()

    def add(self, project: Path) -> Future[None] | None:
        """Begin to hold the memory of a folder; None if it is held already or is no project."""
        project = project.resolve()
        if project in self._wanted or not _is_project(project):
            return None
        self._wanted.add(project)
        self._being_read.add(project)
        return self._worker.submit(self._refresh, project)

    def remove(self, project: Path) -> None:
        """Hold a folder's memory no longer; what is on disk stays."""
        project = project.resolve()
        if project in self._wanted:
            self._wanted.remove(project)
            self._worker.submit(self._drop, project)
            if self._indexed == project and (child := self._child) is not None:
                child.terminate()

    def refresh_file(self, path: Path) -> None:
        """Bring the memory that a file or folder belongs to up to date with it, be it saved, moved or gone."""
        self._saved.append(path)
        self._worker.submit(self._refresh_saved)

    def version(self, path: str) -> int:
        """Return a number that changes whenever what `around` returns does, or whether `beside` returns anything."""
        project = self._project_of(Path(path))
        held = None if project is None else self._held.get(project)
        return 0 if held is None else 2 * held.version + self._reads_others()

    def around(self, path: str) -> list[tuple[Segment, Mask]]:
        """Return the memory for a document: its project's, in which the document's own file is silent."""
        project = self._project_of(Path(path))
        held = None if project is None else self._held.get(project)
        if project is None or held is None:
            return []
        key = indexing.key_of(project, Path(path))
        return held.memory.without([] if key is None else [key])

    def beside(self, path: str) -> list[tuple[Segment, Mask]]:
        """Return what is remembered of the user's other projects, nothing unless that is wanted."""
        project = self._project_of(Path(path))
        if project is None or not self._reads_others():
            return []
        return [pair for other in memory.others(memories_dir(), project) for pair in other.without()]

    @property
    def held(self) -> list[Path]:
        """The folders whose memory is here."""
        return list(self._held)

    @property
    def nbytes(self) -> int:
        """Size on disk of what is held, in bytes; it is mapped into memory."""
        return sum(part.segment.nbytes for held in self._held.copy().values() for part in held.memory.parts)

    @property
    def is_busy(self) -> bool:
        """Whether a folder is being read."""
        return bool(self._being_read)

    def stop(self) -> None:
        """Begin nothing more and end what is being done: an editor that closes must not wait for it."""
        self._stopped = True
        self._ended.set()
        self._worker.shutdown(wait=False, cancel_futures=True)
        if (child := self._child) is not None:
            child.terminate()

    def _project_of(self, path: Path) -> Path | None:
        """Return the innermost folder held that a file lies in."""
        path = path.resolve()
        around = [project for project in self._wanted.copy() if path.is_relative_to(project)]
        return max(around, key=lambda project: len(project.parts), default=None)

    def _drop(self, project: Path) -> None:
        if project not in self._wanted:  # it was not added again meanwhile
            self._held.pop(project, None)
            self._changed()

    def _refresh(self, project: Path) -> None:
        folder = memory.folder_of(memories_dir(), project)
        try:
            self._load(project, folder)  # what was there last time serves while the rest is read
            self._index(project)
            self._load(project, folder)
        finally:
            self._being_read.discard(project)
            self._changed()

    def _load(self, project: Path, folder: Path) -> None:
        stamp = memory.stamp_of(folder)
        try:
            found = memory.load(folder)
        except UserError as error:
            _log.warning("%s", error)
            return
        if found is not None:
            self._take(project, found, stamp)

    def _watch(self) -> None:
        """Look for what other processes have changed, until the end."""
        while not self._ended.wait(_WATCH_SECONDS):
            try:
                self._look()
            except (
                OSError,
                RuntimeError,
                CancelledError,
            ) as error:  # the worker takes no more jobs once the end has come
                _log.debug("the memories on disk could not be looked at: %s", error)

    def _look(self) -> None:
        for project, held in self._held.copy().items():
            folder = memory.folder_of(memories_dir(), project)
            if memory.stamp_of(folder) != held.stamp:
                self._worker.submit(self._reload, project, folder).result()
        others = memory.folders(memories_dir()) if self._reads_others() else []
        stamps = {folder: memory.stamp_of(folder) for folder in others}
        if stamps != self._others:
            self._others = stamps
            self._worker.submit(self._renew).result()

    def _reload(self, project: Path, folder: Path) -> None:
        """Open a memory that is another on disk by now; one that was taken away is held no longer."""
        held, stamp = self._held.get(project), memory.stamp_of(folder)
        if held is not None and held.stamp != stamp:
            self._take(project, memory.load_or_empty(folder), stamp)

    def _renew(self) -> None:
        """Let what `beside` returns be asked for anew."""
        for project, held in self._held.copy().items():
            self._hold(project, held.memory, held.stamp)

    def _is_wanted(self, project: Path) -> bool:
        return project in self._wanted and not self._stopped

    def _index(self, project: Path) -> None:
        command = [*PROGRAM, "index", "--limit", str(self._limit_bytes()), str(project)]
        # the standard input and output of this process are the client's
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            creationflags=UNSEEN,
        ) as child:
            self._child, self._indexed = child, project
            if not self._is_wanted(project):
                child.terminate()
            said = child.communicate()[1]
        self._child = None
        if child.returncode != 0 and self._is_wanted(project):
            _log.error(
                "the memory of a folder could not be built, exit code %d: %s", child.returncode, said.strip()[-500:]
            )

    def _refresh_saved(self) -> None:
        """Bring each memory up to date with all that was saved until now; mostly one job finds nothing left."""
        saved: dict[Path, set[Path]] = defaultdict(set)
        known: dict[Path, KnownFiles] = {}
        while self._saved:
            path = self._saved.popleft()
            with suppress(OSError, ValueError, RuntimeError):  # no file has such a path, or it is not ours to look at
                project = self._project_of(path)
                if project is None:
                    continue
                if project not in known:
                    known[project] = self._known(project)
                if known[project].concerned_by(path):
                    saved[project].add(path)
        for project, paths in saved.items():
            try:
                self._refresh_paths(known[project], project, paths)
            except Exception:  # noqa: BLE001  # a file that is saved never raises a popup
                _log.exception("a saved file could not be remembered")

    def _refresh_paths(self, known: KnownFiles, project: Path, paths: Collection[Path]) -> None:
        folder = memory.folder_of(memories_dir(), project)
        if len(paths) <= _MOST_FILES and not any(map(known.reached_by, paths)):
            with suppress(TimeoutError):
                stamp = memory.stamp_of(folder)
                found = indexing.refresh_files(folder, project, [*paths], self._limit_bytes(), _WAIT_SECONDS)
                self._take(project, found, stamp)
                return
        self._index(project)
        self._load(project, folder)

    def _known(self, project: Path) -> KnownFiles:
        held = self._held.get(project)
        return KnownFiles(project, () if held is None else held.memory.stamps.keys())

    def _take(self, project: Path, found: Memory, stamp: tuple[int, int]) -> None:
        """Hold a memory as it is on disk by now; what answers as before makes no answer of before a wrong one."""
        held = self._held.get(project)
        if held is None:
            self._hold(project, found, stamp)
        elif found.is_like(held.memory):
            self._held[project] = replace(held, memory=found.sharing(held.memory), stamp=stamp)
        else:
            self._hold(project, found.sharing(held.memory), stamp)

    def _hold(self, project: Path, found: Memory, stamp: tuple[int, int]) -> None:
        if project in self._wanted:
            self._held[project] = _Held(found, next(self._versions), stamp)
            self._changed()


def project_around(path: Path) -> Path | None:
    """Return the folder of the repository that a file lies in, for editors that name no folder."""
    return next((folder for folder in path.parents if any(_is_there(folder / mark) for mark in _ROOT_MARKS)), None)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # not ours to look at, or no name for a file
        return False


def _is_project(folder: Path) -> bool:
    """Tell a project from a place where everything is: a home folder, a whole disk."""
    return folder.is_dir() and folder != Path.home().resolve() and folder != Path(folder.anchor)
