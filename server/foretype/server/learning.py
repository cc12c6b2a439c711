"""Learning in the background: the network adapts to the folders that are open while nobody types.

Another process does the work, of the lowest priority and on one thread; it is paused as soon as somebody types, and
ends with us. Its result serves only if it is better, like that of every run. Nothing happens unless the user said yes.
Lives on the event loop's thread and never waits. Knows nothing of LSP or of how training is done.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from foretype.model import atomic
from foretype.server.learning_record import LearningRecord
from foretype.server.program import IDLE, PROGRAM, UNSEEN

_log = logging.getLogger(__name__)

TRAIN = (*PROGRAM, "train")
_PAUSE, _GO = b"pause\n", b"go\n"
_INTERRUPTED = 130
_IDLE_SECONDS = 120.0
"""Nobody has typed for so long that nobody is likely to in the next seconds."""
_SAID_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Wish:
    """Say what the user allows."""

    allowed: bool
    minutes: float
    folders: Sequence[Path]


class Learning:
    """Own the run of one client, if there is one; other processes of this user are kept from having another."""

    def __init__(
        self,
        data: Path,
        on_battery: Callable[[], bool],
        train: Sequence[str] = TRAIN,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with none; nothing is learnt before something was saved. `data` is the data directory."""
        self._folder = data / "training"
        self._record = LearningRecord(self._folder / "background.json")
        self._lock = FileLock(self._folder / "background.lock")
        self._on_battery = on_battery
        self._train = train
        self._clock = clock
        self._touched = clock()
        self._changed = False
        self._run: subprocess.Popen[bytes] | None = None
        self._paused = False

    @property
    def state(self) -> str:
        """Return `learning`, `paused` or `resting`."""
        if self._run is None:
            return "resting"
        return "paused" if self._paused else "learning"

    def touch(self) -> None:
        """Note that somebody types: the processor is theirs."""
        self._touched = self._clock()
        self._pause()

    def file_changed(self) -> None:
        """Note that there is something new to learn."""
        self._changed = True

    def tick(self, wish: Wish) -> None:
        """Begin, go on or clear away, as the moment allows; called every few seconds."""
        if self._run is not None and self._run.poll() is not None:
            self._clear(self._run)
        if not wish.allowed:
            self.stop()
            return
        if self._clock() - self._touched < _IDLE_SECONDS:
            return
        if self._on_battery():
            self._pause()
            return
        if self._run is None:
            if self._changed:
                self._begin_if_due(wish)
        elif self._paused:
            self._tell(_GO)
            self._paused = False

    def stop(self) -> None:
        """End the run, which saves itself; a later one goes on from there."""
        if self._run is not None and self._run.stdin is not None:
            self._run.stdin.close()
            self._run.stdin = None

    def _pause(self) -> None:
        if self._run is not None and not self._paused:
            self._tell(_PAUSE)
            self._paused = True

    def _begin_if_due(self, wish: Wish) -> None:
        # one that was moved or deleted while it is open must not keep the others from being learnt
        folders = [folder for folder in wish.folders if folder.is_dir()]
        if folders and self._record.is_due(folders):
            self._begin(replace(wish, folders=folders))

    def _begin(self, wish: Wish) -> None:
        atomic.make_folder(self._folder)
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return  # another server of this user learns
        try:
            self._start(wish)
        except OSError:
            self._lock.release()
            raise
        self._paused = self._changed = False
        _log.info("learning in the background from %d folders", len(wish.folders))

    def _start(self, wish: Wish) -> None:
        resumes = self._record.is_unfinished(wish.folders) and any(self._folder.glob("*.safetensors"))
        options = ["--minutes", f"{wish.minutes:g}", "--controlled", "--json", *(["--resume"] if resumes else [])]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        self._record.begin(wish.folders)
        with self._said.open("wb") as said:
            self._run = subprocess.Popen(
                [*self._train, *map(str, wish.folders), *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env=environment,
                bufsize=0,
                creationflags=UNSEEN | IDLE,
            )
        _lower_priority(self._run.pid)

    def _clear(self, run: subprocess.Popen[bytes]) -> None:
        self.stop()
        self._run = None
        self._lock.release()
        if run.returncode == _INTERRUPTED:
            self._changed = True  # it goes on when there is time again
            return
        self._record.finish()
        if run.returncode != 0:
            lines = self._said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            _log.warning("learning in the background failed: %s", (lines or ["no reason given"])[-1][:_SAID_CHARACTERS])

    @property
    def _said(self) -> Path:
        return self._folder / "background.log"

    def _tell(self, word: bytes) -> None:
        if self._run is None or self._run.stdin is None:
            return
        try:
            self._run.stdin.write(word)
        except OSError:
            _log.debug("the run has ended already")


def _lower_priority(pid: int) -> None:
    if sys.platform == "win32":  # it was created with the lowest
        return
    import psutil

    try:
        psutil.Process(pid).nice(19)
    except psutil.Error:
        _log.debug("the run has ended already")
