"""What was suggested and what became of it, in numbers, without a word of text; it stays on this machine.

Calls put a record on a queue and return; a thread of the ledger's own writes what has gathered about once a second.
Nothing that goes wrong there reaches a keystroke: it is logged once. Knows nothing of LSP, nor how the file looks.
"""

from __future__ import annotations

import logging
import queue
import re
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from foretype.model.reason import Reason
from foretype.model.registry import data_dir
from foretype.server import histogram

if TYPE_CHECKING:
    from foretype.server.ledger_file import LedgerFile

_log = logging.getLogger(__name__)

FILE_NAME = "ledger.sqlite"
OTHER_LANGUAGE = "other"
"""Stands for what is no language's name; so no path or text can get into the ledger in its place."""

_QUEUE_LENGTH = 10_000
"""Records that may wait for the disk; hours of typing."""
_BATCH_SECONDS = 1.0
_RETRY_SECONDS = 30.0
"""How long what the disk did not take waits for the next try, if no record comes before."""
_CLOSE_SECONDS = 3.0
"""How long an editor that closes waits for the last batch."""
_TOKEN_BITS = 62
"""A token is positive in SQLite's 64 bits, and never drawn twice."""
_LANGUAGE = re.compile(r"[a-z0-9][a-z0-9+#_-]{0,31}")
_MOST = 2**40
"""Above this a number is a mistake; sums of anything below it fit SQLite's 64 bits."""

RetainedAfter = Literal[30, 300]
"""Seconds after which it is looked how much of what was accepted still stands."""


class Fate(StrEnum):
    """Name what became of a suggestion."""

    ACCEPTED = "accepted"
    """Taken whole."""
    WORD = "word"
    """Taken up to the end of a word."""
    LINE = "line"
    """Taken up to the end of a line."""
    TYPED = "typed"
    """Typed through, key by key."""
    DISMISSED = "dismissed"
    """Neither."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold one suggestion that was shown, and what became of it."""

    when: int
    """Unix seconds."""
    language: str
    shown: int
    """Characters."""
    accepted: int
    """Characters."""
    keys_saved: int
    """Accepted characters less the key presses spent on them."""
    how: Fate
    confidence: float
    """What was promised at showing, 0 to 1."""
    right: bool
    """Whether the text shown proved right, whoever wrote it."""
    asked: bool = False
    """Whether the user asked by hand."""
    shift: float = 0.0
    """The part of the confidence that recalibration had added, in logits: it must not learn from itself."""

    def check(self) -> None:
        """Raise ValueError if a number cannot be true."""
        for name in ("when", "shown", "accepted"):
            if not 0 <= getattr(self, name) < _MOST:
                raise ValueError(f"{name} must be at least 0, got {getattr(self, name)}")
        if not -_MOST < self.keys_saved < _MOST:
            raise ValueError(f"keys_saved is out of reach: {self.keys_saved}")
        _check_share("confidence", self.confidence)
        if not abs(self.shift) < _MOST:
            raise ValueError(f"shift must be finite, got {self.shift}")


@dataclass(slots=True)
class Batch:
    """Gather what is written at once; a record that cannot be true raises ValueError and leaves it as it was."""

    outcomes: list[tuple[int, Outcome]] = field(default_factory=list)
    """With their tokens."""
    retained: list[tuple[int, RetainedAfter, float]] = field(default_factory=list)
    """Token, seconds, share."""
    silences: Counter[tuple[int, str, str]] = field(default_factory=Counter)
    """Of day, language and reason."""
    latencies: Counter[tuple[int, str, int]] = field(default_factory=Counter)
    """Of day, language and bucket."""
    typed: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Characters of day and language."""

    def add_outcome(self, token: int, outcome: Outcome) -> None:
        """Add what became of a suggestion."""
        outcome.check()
        self.outcomes.append((token, replace(outcome, language=language_id(outcome.language))))

    def add_retained(self, token: int, after_seconds: RetainedAfter, share: float) -> None:
        """Add how much of an outcome still stands."""
        _check_share("share", share)
        self.retained.append((token, after_seconds, share))

    def add_silence(self, day: int, language: str, reason: Reason) -> None:
        """Count a silence."""
        self.silences[day, language_id(language), Reason(reason).value] += 1

    def add_latency(self, day: int, language: str, milliseconds: float) -> None:
        """Count a latency."""
        self.latencies[day, language_id(language), histogram.bucket(milliseconds)] += 1

    def add_typed(self, day: int, language: str, characters: int) -> None:
        """Count typed characters."""
        if not 0 <= characters < _MOST:
            raise ValueError(f"characters must be at least 0, got {characters}")
        self.typed[day, language_id(language)] += characters

    def __len__(self) -> int:
        counters = (self.silences, self.latencies, self.typed)
        return len(self.outcomes) + len(self.retained) + sum(len(counter) for counter in counters)


class Ledger:
    """Take records from any thread and write them from one of its own."""

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        """Prepare; the file is opened, and the thread begun, at the first record."""
        self.path = path
        """Where it is written."""
        self._now = now
        self._queue: queue.Queue[Callable[[Batch], None] | None] = queue.Queue(_QUEUE_LENGTH)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        self._said: set[str] = set()

    @classmethod
    def default(cls) -> Ledger:
        """Return the ledger in the user's data directory."""
        return cls(data_dir() / FILE_NAME)

    def record(self, outcome: Outcome) -> int:
        """Record what became of a suggestion and return the token by which `retained` knows it."""
        token = secrets.randbits(_TOKEN_BITS)
        self._put(partial(Batch.add_outcome, token=token, outcome=outcome))
        return token

    def retained(self, token: int, after_seconds: RetainedAfter, share: float) -> None:
        """Record what share (0 to 1) of an outcome's accepted characters still stands after 30 or 300 seconds."""
        self._put(partial(Batch.add_retained, token=token, after_seconds=after_seconds, share=share))

    def silence(self, reason: Reason, language: str) -> None:
        """Count that nothing was suggested, and why."""
        self._put(partial(Batch.add_silence, day=self._today(), language=language, reason=reason))

    def latency(self, milliseconds: float, language: str) -> None:
        """Count how long an answer took."""
        self._put(partial(Batch.add_latency, day=self._today(), language=language, milliseconds=milliseconds))

    def typed(self, characters: int, language: str) -> None:
        """Count characters that the user's keys inserted, those of suggestions not among them."""
        self._put(partial(Batch.add_typed, day=self._today(), language=language, characters=characters))

    def close(self) -> None:
        """Write what waits and end the thread; what is recorded afterwards is dropped."""
        with self._lock:
            self._closed.set()
            thread = self._thread
        if thread is None:
            return
        with suppress(queue.Full):  # a thread that has a full queue to write is awake
            self._queue.put_nowait(None)
        thread.join(_CLOSE_SECONDS)

    def _today(self) -> int:
        return date.fromtimestamp(self._now()).toordinal()

    def _put(self, record: Callable[[Batch], None]) -> None:
        if self._closed.is_set():
            return
        try:
            self._queue.put_nowait(record)
            if self._thread is None:
                self._start()
        except queue.Full:
            self._say("the ledger's disk cannot keep up; some records are lost")
        except RuntimeError as error:  # an interpreter that ends begins no thread
            self._say("the ledger could not begin: %s", error)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None and not self._closed.is_set():
                thread = threading.Thread(target=self._run, name="ledger", daemon=True)
                thread.start()
                self._thread = thread

    def _run(self) -> None:
        try:
            # here, where it delays nobody; and an interpreter built without SQLite still serves
            from foretype.server.ledger_file import LedgerFile

            self._write_batches(LedgerFile(self.path, self._now))
        except Exception as error:  # noqa: BLE001  # a keystroke never raises a popup
            self._closed.set()
            self._say("nothing more is written to the ledger: %s", error)

    def _write_batches(self, file: LedgerFile) -> None:
        batch, closing = Batch(), False
        try:
            while not closing:
                self._gather(batch, self._next(waiting=len(batch) > 0))
                closing = self._closed.wait(_BATCH_SECONDS)  # what was put before that is still taken
                while not self._queue.empty():
                    self._gather(batch, self._queue.get())
                batch = self._written(file, batch)
        finally:
            file.close()

    def _next(self, waiting: bool) -> Callable[[Batch], None] | None:
        try:
            return self._queue.get(timeout=_RETRY_SECONDS if waiting else None)
        except queue.Empty:
            return None

    def _gather(self, batch: Batch, record: Callable[[Batch], None] | None) -> None:
        if record is not None:
            try:
                record(batch)
            except ValueError as error:
                self._say("the ledger refused a record: %s", error)

    def _written(self, file: LedgerFile, batch: Batch) -> Batch:
        """Write a batch and return a new one; return the same to try again later where the disk could not take it."""
        if not len(batch):
            return batch
        try:
            file.write(batch)
        except OSError as error:
            self._say("the ledger could not be written: %s", error)
            return batch if len(batch) < _QUEUE_LENGTH else Batch()
        return Batch()

    def _say(self, message: str, *why: object) -> None:
        """Log a message, once whatever the reasons."""
        if message not in self._said:
            self._said.add(message)
            _log.warning(message, *why)


def language_id(name: str) -> str:
    """Return the name of a language, or what stands for a text that is none."""
    return name if _LANGUAGE.fullmatch(name) else OTHER_LANGUAGE


def _check_share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{name} must be between 0 and 1, got {value}")
