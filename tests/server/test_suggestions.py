"""The worker: the newest request of a document is the one that is worked on, and every request is answered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from foretype.model.engine import Engine
from foretype.model.reason import Reason
from foretype.model.suggest import SuggestOptions
from foretype.model.window import Prefix
from foretype.server.memories import Memories
from foretype.server.suggestions import AnswerFuture, Suggestions

ASKED = SuggestOptions(asked=True)
PREFIX = Prefix.of(b"for name in ")


@pytest.fixture
def suggestions(learnt_engine: Engine) -> Iterator[Suggestions]:
    service = Suggestions(lambda: learnt_engine, Memories())
    service.start()
    yield service
    service.stop()


async def test_a_request_is_answered_with_a_suggestion(suggestions: Suggestions) -> None:
    answer = await suggestions.request("file:///a.py", "/a.py", PREFIX, "", ASKED)
    assert answer.suggestions


async def test_an_older_request_is_answered_empty_before_the_newer_one(suggestions: Suggestions) -> None:
    order: list[int] = []

    def request(number: int) -> AnswerFuture:
        future = suggestions.request("file:///a.py", "/a.py", PREFIX, "", ASKED)
        future.add_done_callback(lambda _: order.append(number))
        return future

    futures = [request(number) for number in range(20)]
    answers = await asyncio.gather(*futures)
    assert order == sorted(order)
    assert [answer.reason for answer in answers[:-1]] == [Reason.SUPERSEDED] * 19
    assert answers[-1].suggestions


async def test_documents_do_not_supersede_each_other(suggestions: Suggestions) -> None:
    both = [suggestions.request(f"file:///{name}.py", f"/{name}.py", PREFIX, "", ASKED) for name in "ab"]
    assert all(answer.suggestions for answer in await asyncio.gather(*both))


async def test_a_cancelled_request_does_not_hold_up_the_next(suggestions: Suggestions) -> None:
    first = suggestions.request("file:///a.py", "/a.py", PREFIX, "", ASKED)
    first.cancel()
    assert (await suggestions.request("file:///b.py", "/b.py", PREFIX, "", ASKED)).suggestions
    assert first.cancelled()


async def test_closing_a_document_answers_what_waits_for_it(suggestions: Suggestions) -> None:
    waiting = suggestions.request("file:///a.py", "/a.py", PREFIX, "", ASKED)
    suggestions.close("file:///a.py")
    assert (await waiting).reason is Reason.SUPERSEDED


REPEATED = Prefix.of(b"for name in all_names:\n" * 3 + b"for name in ")


async def test_a_model_that_cannot_be_loaded_is_logged_and_the_document_answers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> Engine:
        raise OSError("disk on fire")

    service = Suggestions(fail, Memories())
    service.start()
    answer = await service.request("file:///a.py", "/a.py", REPEATED, "", ASKED)
    assert answer.suggestions
    assert "could not be loaded" in caplog.text
    service.stop()


async def test_a_defect_while_suggesting_is_logged_and_the_answer_is_empty(
    learnt_engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = Suggestions(lambda: learnt_engine, Memories())
    service.start()
    monkeypatch.setattr("foretype.server.suggestions.suggest", lambda *_: (_ for _ in ()).throw(RuntimeError("defect")))
    answer = await service.request("file:///a.py", "/a.py", PREFIX, "", ASKED)
    assert answer.reason is Reason.FAILED
    assert "file:///a.py" in caplog.text
    service.stop()


async def test_work_happens_off_the_event_loop(learnt_engine: Engine) -> None:
    loading = threading.Event()
    threads: list[str] = []

    def load() -> Engine:
        threads.append(threading.current_thread().name)
        loading.wait(10)
        return learnt_engine

    service = Suggestions(load, Memories())
    service.start()
    waiting = service.request("file:///a.py", "/a.py", PREFIX, "", ASKED)
    await asyncio.sleep(0.05)
    assert not waiting.done()
    loading.set()
    assert (await waiting).suggestions
    assert threads != [threading.current_thread().name]
    service.stop()
