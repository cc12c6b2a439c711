"""Suggestions made off the event loop, and before they are asked for.

As soon as a text changes, its suggestion is looked for (`prepare`); when the editor asks, some tens of milliseconds
later, the answer is there or nearly. Then what would follow if it were accepted is looked for too.

All futures are made and resolved on the event loop's thread; one worker thread does the model's work and sees a
cancel event between its steps. A request that a newer one overtakes is answered, empty, before the newer one: some
editors show whatever answer comes last. Knows nothing of JSON or of positions.
"""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from foretype.model.engine import Engine
from foretype.model.errors import UserError
from foretype.model.reason import Reason
from foretype.model.suggest import Answer
from foretype.server.answers import Answers, Query
from foretype.server.sessions import Sessions

_log = logging.getLogger(__name__)

AnswerFuture = asyncio.Future[Answer]

_PASSING = frozenset({Reason.CANCELLED, Reason.SUPERSEDED, Reason.MODEL_LOADING, Reason.FAILED, Reason.DEADLINE})
"""Reasons that say nothing about the text: asked again, the answer may be another."""
_MOST_DESKS_WITH_ANSWERS = 8
"""Answers hold copies of the text around the caret, some tens of kilobytes each."""
_GRACE_SECONDS = 0.02
"""How long after its deadline a request may take to stop at the best found so far."""


@dataclass(slots=True)
class _Job:
    """Hold what the worker does, or will do next, for one document."""

    query: Query
    supposed: bool
    """Whether the user has not typed the query's text, but might."""
    answers: Answers
    """Where the answer is kept: nowhere any more if all were forgotten meanwhile."""
    cancelled: threading.Event = field(default_factory=threading.Event)
    waiting: AnswerFuture | None = None
    due: float = math.inf
    """When the request that waits wants its answer, on the monotonic clock."""

    def withdraw(self, asked: AnswerFuture) -> None:
        """Stop if the request that waits was cancelled; an equal one may have come in its place."""
        if asked.cancelled() and self.waiting is asked:
            self.cancelled.set()

    def is_late(self) -> bool:
        """Tell whether the answer should be given now, however good."""
        return time.monotonic() > self.due


@dataclass(slots=True)
class _Desk:
    """Hold what is known and done for one document."""

    answers: Answers = field(default_factory=Answers)
    job: _Job | None = None
    following: Query | None = None
    """What to prepare when the job is done."""

    def is_busy_with(self, query: Query) -> bool:
        """Tell whether the answer to this query will come of what is being done."""
        job = self.job
        return job is not None and job.query == query and job.answers is self.answers and not job.cancelled.is_set()


class Suggestions:
    """Own the sessions of the open documents and the thread that works on them."""

    def __init__(
        self, load_engine: Callable[[], Engine], sessions: Sessions, loaded: Callable[[], None] = lambda: None
    ) -> None:
        """Prepare; `load_engine` is called once, on the worker; without an engine the memories answer alone.

        `loaded` is called on the worker when a model is there, or known to be missing.
        """
        self.sessions = sessions
        self.speculates = True
        """Whether answers are looked for before they are asked for."""
        self._load_engine = load_engine
        self._on_loaded = loaded
        self._started = False
        self._loaded = threading.Event()
        self._desks: OrderedDict[str, _Desk] = OrderedDict()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="suggestions")

    @property
    def is_loaded(self) -> bool:
        """Whether the model is there, or known to be missing."""
        return self._loaded.is_set()

    @property
    def is_busy(self) -> bool:
        """Whether anything is being worked on."""
        return any(desk.job is not None for desk in self._desks.values())

    def start(self) -> None:
        """Begin loading the engine in the background; only the first call does."""
        if not self._started:
            self._started = True
            self._worker.submit(self._load)

    def use(self, engine: Engine) -> None:
        """Answer with this engine once what is being done is done."""

        def use() -> None:
            self.sessions.use(engine)
            self._on_loaded()  # what was answered until then is forgotten

        self._worker.submit(use)

    def request(self, uri: str, query: Query, deadline_seconds: float = math.inf) -> AnswerFuture:
        """Return the future answer; an older request for the same document is answered empty first."""
        loop = asyncio.get_running_loop()
        desk = self._desk(uri)
        _supersede(desk)
        future: AnswerFuture = loop.create_future()
        if (known := desk.answers.find(query)) is not None:
            desk.answers.show(query, known)
            future.set_result(known)
            loop.call_soon(self._look_ahead, uri, desk, query, known)  # the worker would be in the answer's way
            return future
        job = desk.job
        if job is None or not desk.is_busy_with(query):
            job = self._begin(uri, desk, query, supposed=False)
        job.waiting = future
        future.add_done_callback(job.withdraw)
        if deadline_seconds < math.inf:
            job.due = time.monotonic() + deadline_seconds
            late = Answer(reason=Reason.DEADLINE if self.is_loaded else Reason.MODEL_LOADING)
            loop.call_later(deadline_seconds + _GRACE_SECONDS, _resolve, future, late)
        return future

    def prepare(self, uri: str, query: Query) -> None:
        """Look for the answer to a query that is likely to come; a request that waits goes first."""
        desk = self._desk(uri)
        if not self.speculates or desk.answers.knows(query):
            return
        if desk.job is not None and desk.job.waiting is not None and not desk.job.waiting.done():
            desk.following = query
        elif not desk.is_busy_with(query):
            self._begin(uri, desk, query, supposed=False)

    def forget_answers(self) -> None:
        """Make every answer anew from now on: what is remembered or wanted has changed."""
        for desk in self._desks.values():
            desk.answers = Answers()

    def close(self, uri: str) -> None:
        """Answer what is pending for a document and free its states."""
        if (desk := self._desks.pop(uri, None)) is not None:
            _supersede(desk)
            if desk.job is not None:
                desk.job.cancelled.set()
        self._worker.submit(self.sessions.close, uri)

    def stop(self) -> None:
        """Let go of the worker; requests that wait are not answered any more."""
        for desk in self._desks.values():
            if desk.job is not None:
                desk.job.cancelled.set()
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _load(self) -> None:
        try:
            self.sessions.engine = self._load_engine()
        except (UserError, OSError) as error:
            _log.error("the model could not be loaded; the memories answer alone: %s", error)
        except Exception:  # noqa: BLE001  # whatever is wrong with a model, the editor goes on
            _log.exception("the model could not be loaded; the memories answer alone")
        finally:
            self._loaded.set()
            self._on_loaded()

    def _desk(self, uri: str) -> _Desk:
        """Return a document's desk; only those used last keep their answers."""
        desk = self._desks.setdefault(uri, _Desk())
        desk.following = None
        self._desks.move_to_end(uri)
        if len(self._desks) > _MOST_DESKS_WITH_ANSWERS:
            forgotten = list(self._desks.values())[-_MOST_DESKS_WITH_ANSWERS - 1]
            forgotten.answers = Answers()
        return desk

    def _look_ahead(self, uri: str, desk: _Desk, query: Query, answer: Answer) -> None:
        """Look for what would follow if the suggestion were accepted, unless there is something newer to do."""
        if not self.speculates or not answer.suggestions or desk.job is not None or self._desks.get(uri) is not desk:
            return
        accepted = query.after(answer.suggestions[0].text)
        if not desk.answers.knows(accepted):
            self._begin(uri, desk, accepted, supposed=True)

    def _begin(self, uri: str, desk: _Desk, query: Query, *, supposed: bool) -> _Job:
        """Give the worker a job instead of the one it has for this document."""
        if desk.job is not None:
            desk.job.cancelled.set()
        loop = asyncio.get_running_loop()
        desk.job = job = _Job(query, supposed, desk.answers)

        def work() -> None:
            answer = self._work(uri, job)
            loop.call_soon_threadsafe(self._done, uri, desk, job, answer)

        self._worker.submit(work)
        return job

    def _work(self, uri: str, job: _Job) -> Answer:
        if job.cancelled.is_set():
            return Answer(reason=Reason.SUPERSEDED)
        if not self._loaded.is_set():
            return Answer(reason=Reason.MODEL_LOADING)
        return self.sessions.answer(
            uri, job.query, supposed=job.supposed, cancelled=job.cancelled.is_set, late=job.is_late
        )

    def _done(self, uri: str, desk: _Desk, job: _Job, answer: Answer) -> None:
        if answer.reason not in _PASSING:
            job.answers.keep(job.query, answer)
        if job.waiting is not None and not job.waiting.done():  # or the client has another answer, or wants none
            desk.answers.show(job.query, answer)
            job.waiting.set_result(answer)
        if desk.job is not job or self._desks.get(uri) is not desk:
            return  # something newer is being done
        desk.job = None
        if desk.following is not None:
            following, desk.following = desk.following, None
            self._begin(uri, desk, following, supposed=False)
        elif not job.supposed:
            self._look_ahead(uri, desk, job.query, answer)


def _supersede(desk: _Desk) -> None:
    """Answer the request that waits, empty, because a newer one is here."""
    if desk.job is not None and desk.job.waiting is not None:
        _resolve(desk.job.waiting, Answer(reason=Reason.SUPERSEDED))
        desk.job.waiting = None


def _resolve(future: AnswerFuture, answer: Answer) -> None:
    if not future.done():
        future.set_result(answer)
