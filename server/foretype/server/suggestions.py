"""Answer requests for suggestions off the event loop, the newest one of each document first and only.

All futures are made and resolved on the event loop's thread; one worker thread does the model's work and sees a
cancel event between its steps. A request that a newer one overtakes is answered, empty, before the newer one: some
editors show whatever answer comes last. Knows nothing of JSON or of positions.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from foretype.model import mixture
from foretype.model.engine import Engine
from foretype.model.language import header_of
from foretype.model.reason import Reason
from foretype.model.segment import Mask, Segment
from foretype.model.session import Session
from foretype.model.suggest import Answer, SuggestOptions, suggest
from foretype.model.window import Prefix
from foretype.server.memories import Memories

_log = logging.getLogger(__name__)

Segments = list[tuple[Segment, Mask]]

AnswerFuture = asyncio.Future[Answer]


@dataclass(frozen=True, slots=True)
class _Pending:
    future: AnswerFuture
    cancelled: threading.Event


@dataclass(slots=True)
class _Open:
    """Hold the session of a document and the version of the memory that it uses."""

    session: Session
    memory_version: int


class Suggestions:
    """Own the engine, the sessions of the open documents and the thread that works on them."""

    def __init__(self, load_engine: Callable[[], Engine], memories: Memories) -> None:
        """Prepare; `load_engine` is called once, on the worker; without an engine the memories answer alone."""
        self._load_engine = load_engine
        self._memories = memories
        self._engine: Engine | None = None
        self._started = False
        self._loaded = threading.Event()
        self._sessions: dict[str, _Open] = {}
        self._pending: dict[str, _Pending] = {}
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="suggestions")

    def start(self) -> None:
        """Begin loading the engine in the background; only the first call does."""
        if not self._started:
            self._started = True
            self._worker.submit(self._load)

    def request(self, uri: str, path: str, prefix: Prefix, suffix: str, options: SuggestOptions) -> AnswerFuture:
        """Return the future answer; an older request for the same document is answered empty first."""
        loop = asyncio.get_running_loop()
        self._supersede(uri)
        pending = _Pending(loop.create_future(), threading.Event())
        pending.future.add_done_callback(lambda _: pending.cancelled.set())
        self._pending[uri] = pending

        def work() -> None:
            answer = self._answer(uri, path, prefix, suffix, options, pending.cancelled.is_set)
            loop.call_soon_threadsafe(_resolve, pending.future, answer)

        self._worker.submit(work)
        return pending.future

    def close(self, uri: str) -> None:
        """Answer what is pending for a document and free its states."""
        self._supersede(uri)
        self._pending.pop(uri, None)
        self._worker.submit(self._sessions.pop, uri, None)

    def stop(self) -> None:
        """Let go of the worker; requests that wait are not answered any more."""
        for pending in self._pending.values():
            pending.cancelled.set()
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _supersede(self, uri: str) -> None:
        if (pending := self._pending.get(uri)) is not None:
            pending.cancelled.set()
            _resolve(pending.future, Answer(reason=Reason.SUPERSEDED))

    def _load(self) -> None:
        try:
            self._engine = self._load_engine()
        except Exception:  # noqa: BLE001  # whatever is wrong with a model, the editor goes on
            _log.exception("the model could not be loaded; no suggestions until it can")
        finally:
            self._loaded.set()

    def _answer(
        self,
        uri: str,
        path: str,
        prefix: Prefix,
        suffix: str,
        options: SuggestOptions,
        cancelled: Callable[[], bool],
    ) -> Answer:
        if cancelled():
            return Answer(reason=Reason.SUPERSEDED)
        if not self._loaded.is_set():
            return Answer(reason=Reason.MODEL_LOADING)
        try:
            return suggest(self._session(uri, path), prefix, suffix, options, cancelled)
        except Exception:  # noqa: BLE001  # a keystroke never raises a popup
            _log.exception("no suggestion for %s", uri)
            return Answer(reason=Reason.FAILED)

    def _session(self, uri: str, path: str) -> Session:
        """Return the document's session, with its project's memory as it is by now."""
        version = self._memories.version(path)
        opened = self._sessions.get(uri)
        if opened is None:
            session = Session(self._engine, header_of(path), mixture.shipped(), *self._memories_of(path))
            self._sessions[uri] = opened = _Open(session, version)
        elif opened.memory_version != version:
            opened.session.remember(*self._memories_of(path))
            opened.memory_version = version
        return opened.session

    def _memories_of(self, path: str) -> tuple[Segments, Segments]:
        return self._memories.around(path), self._memories.beside(path)


def _resolve(future: AnswerFuture, answer: Answer) -> None:
    if not future.done():
        future.set_result(answer)
