"""The worker: the newest request of a document is the one that is worked on, and every request is answered."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.conftest import LEARNT_TEXT

from foretype.model.engine import Engine
from foretype.model.reason import Reason
from foretype.model.suggest import Answer, SuggestOptions
from foretype.model.window import Prefix
from foretype.server.answers import Query
from foretype.server.memories import Memories
from foretype.server.sessions import Sessions
from foretype.server.suggestions import AnswerFuture, Suggestions

PREFIX = Prefix.of(b"for name in ")
URI = "file:///a.py"
QUERY = Query("/project/names.py", "python", PREFIX, "", SuggestOptions(asked=True))


@pytest.fixture
def suggestions(learnt_engine: Engine) -> Iterator[Suggestions]:
    service = Suggestions(lambda: learnt_engine, Sessions(Memories()))
    service.start()
    yield service
    service.stop()


async def test_a_request_is_answered_with_a_suggestion(suggestions: Suggestions) -> None:
    answer = await suggestions.request("file:///a.py", QUERY)
    assert answer.suggestions


async def test_an_older_request_is_answered_empty_before_the_newer_one(suggestions: Suggestions) -> None:
    order: list[int] = []

    def request(number: int) -> AnswerFuture:
        future = suggestions.request("file:///a.py", QUERY)
        future.add_done_callback(lambda _: order.append(number))
        return future

    futures = [request(number) for number in range(20)]
    answers = await asyncio.gather(*futures)
    assert order == sorted(order)
    assert [answer.reason for answer in answers[:-1]] == [Reason.SUPERSEDED] * 19
    assert answers[-1].suggestions


async def test_documents_do_not_supersede_each_other(suggestions: Suggestions) -> None:
    both = [suggestions.request(f"file:///{name}.py", QUERY) for name in "ab"]
    assert all(answer.suggestions for answer in await asyncio.gather(*both))


async def test_a_cancelled_request_does_not_hold_up_the_next(suggestions: Suggestions) -> None:
    first = suggestions.request("file:///a.py", QUERY)
    first.cancel()
    assert (await suggestions.request("file:///b.py", QUERY)).suggestions
    assert first.cancelled()


async def test_a_request_is_answered_though_an_equal_one_was_cancelled_just_before_it(suggestions: Suggestions) -> None:
    first = suggestions.request(URI, QUERY)
    first.cancel()
    assert (await suggestions.request(URI, QUERY)).suggestions


async def test_closing_a_document_answers_what_waits_for_it(suggestions: Suggestions) -> None:
    waiting = suggestions.request("file:///a.py", QUERY)
    suggestions.close("file:///a.py")
    assert (await waiting).reason is Reason.SUPERSEDED


REPEATED = Prefix.of(b"for name in all_names:\n" * 3 + b"for name in ")


async def test_a_model_that_cannot_be_loaded_is_logged_and_the_document_answers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> Engine:
        raise OSError("disk on fire")

    service = Suggestions(fail, Sessions(Memories()))
    service.start()
    answer = await service.request("file:///a.py", replace(QUERY, prefix=REPEATED))
    assert answer.suggestions
    assert "could not be loaded" in caplog.text
    service.stop()


async def test_a_defect_while_suggesting_is_logged_and_the_answer_is_empty(
    learnt_engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = Suggestions(lambda: learnt_engine, Sessions(Memories()))
    service.start()
    monkeypatch.setattr("foretype.server.sessions.suggest", lambda *_: (_ for _ in ()).throw(RuntimeError("defect")))
    answer = await service.request("file:///a.py", QUERY)
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

    service = Suggestions(load, Sessions(Memories()))
    service.start()
    waiting = service.request("file:///a.py", QUERY)
    await asyncio.sleep(0.05)
    assert not waiting.done()
    loading.set()
    assert (await waiting).suggestions
    assert threads != [threading.current_thread().name]
    service.stop()


class Watched:
    """Count what the model is asked, and let it be held up."""

    def __init__(self, service: Suggestions, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[bytes] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        answer = service.sessions.answer

        def watched(uri: str, query: Query, **options: Any) -> Answer:
            self.asked.append(query.prefix.tail)
            while not self.may_go_on.wait(0.01):
                if options["cancelled"]() or options["late"]():
                    break
            return answer(uri, query, **options)

        monkeypatch.setattr(service.sessions, "answer", watched)


@pytest.fixture
def watched(suggestions: Suggestions, monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(suggestions, monkeypatch)


TYPED = replace(QUERY, prefix=Prefix.of(LEARNT_TEXT[: LEARNT_TEXT.index("me in")].encode()), options=SuggestOptions())


async def until_idle(service: Suggestions) -> None:
    while service.is_busy:
        await asyncio.sleep(0.005)


async def test_what_was_prepared_is_answered_without_asking_the_model(
    suggestions: Suggestions, watched: Watched
) -> None:
    suggestions.prepare(URI, TYPED)
    await until_idle(suggestions)
    asked = len(watched.asked)
    future = suggestions.request(URI, TYPED)
    assert future.done()
    assert (await future).suggestions
    assert len(watched.asked) == asked


async def test_a_request_joins_the_work_that_was_begun_for_it(suggestions: Suggestions, watched: Watched) -> None:
    watched.may_go_on.clear()
    suggestions.prepare(URI, TYPED)
    future = suggestions.request(URI, TYPED)
    watched.may_go_on.set()
    assert (await future).suggestions
    assert watched.asked.count(TYPED.prefix.tail) == 1


async def test_a_suggestion_stays_while_it_is_typed_along(suggestions: Suggestions, watched: Watched) -> None:
    text = (await suggestions.request(URI, TYPED)).suggestions[0].text
    await until_idle(suggestions)
    watched.may_go_on.clear()
    for typed in range(1, len(text)):
        future = suggestions.request(URI, TYPED.after(text[:typed]))
        assert future.done()
        assert future.result().suggestions[0].text == text[typed:]
    watched.may_go_on.set()


async def test_after_accepting_the_next_suggestion_is_there(suggestions: Suggestions) -> None:
    text = (await suggestions.request(URI, TYPED)).suggestions[0].text
    await until_idle(suggestions)
    assert suggestions.request(URI, TYPED.after(text)).done()


async def test_looking_ahead_leaves_the_record_of_the_document_alone(suggestions: Suggestions) -> None:
    records = []
    for uri, speculates in ((URI, True), ("file:///b.py", False)):
        suggestions.speculates = speculates
        await suggestions.request(uri, TYPED)
        await until_idle(suggestions)
        records.append(suggestions.sessions.session(uri, TYPED).record)
    assert records[0] == records[1]


async def test_without_speculation_only_requests_are_worked_on(suggestions: Suggestions, watched: Watched) -> None:
    suggestions.speculates = False
    suggestions.prepare(URI, TYPED)
    assert not suggestions.is_busy
    await suggestions.request(URI, TYPED)
    await until_idle(suggestions)
    assert watched.asked == [TYPED.prefix.tail]


async def test_a_request_that_waits_goes_before_what_is_prepared(suggestions: Suggestions, watched: Watched) -> None:
    watched.may_go_on.clear()
    waiting = suggestions.request(URI, TYPED)
    suggestions.prepare(URI, TYPED.after("x"))
    watched.may_go_on.set()
    assert (await waiting).suggestions
    await until_idle(suggestions)
    assert watched.asked[:2] == [TYPED.prefix.tail, TYPED.after("x").prefix.tail]


async def test_at_its_deadline_a_request_is_answered_whatever_the_worker_does(
    suggestions: Suggestions, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = threading.Event()
    monkeypatch.setattr(suggestions.sessions, "answer", lambda *_, **__: held.wait(30) and Answer())
    answer = await suggestions.request(URI, TYPED, deadline_seconds=0.01)
    held.set()
    assert answer == Answer(reason=Reason.DEADLINE)


async def test_what_is_found_after_the_deadline_is_not_taken_for_what_the_user_sees(
    suggestions: Suggestions, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggestions.speculates = False
    text = (await suggestions.request(URI, TYPED)).suggestions[0].text
    held, answer = threading.Event(), suggestions.sessions.answer

    def late(uri: str, query: Query, **options: Any) -> Answer:
        held.wait(30)
        return answer(uri, query, **{**options, "late": lambda: False})

    monkeypatch.setattr(suggestions.sessions, "answer", late)
    other = "file:///b.py"
    assert (await suggestions.request(other, TYPED, deadline_seconds=0.01)).reason is Reason.DEADLINE
    held.set()
    await until_idle(suggestions)
    held.clear()
    assert not suggestions.request(other, TYPED.after(text[:1])).done()
    held.set()


async def test_an_answer_made_before_the_memory_changed_is_made_anew(
    suggestions: Suggestions, watched: Watched
) -> None:
    await suggestions.request(URI, TYPED)
    await until_idle(suggestions)
    asked = len(watched.asked)
    suggestions.forget_answers()
    await suggestions.request(URI, TYPED)
    assert len(watched.asked) > asked


async def forget_while_one_is_made(suggestions: Suggestions, watched: Watched) -> None:
    watched.may_go_on.clear()
    suggestions.prepare(URI, TYPED)
    while not watched.asked:
        await asyncio.sleep(0.005)
    suggestions.forget_answers()


async def test_an_answer_that_was_being_made_when_the_memory_changed_is_made_anew(
    suggestions: Suggestions, watched: Watched
) -> None:
    await forget_while_one_is_made(suggestions, watched)
    waiting = suggestions.request(URI, TYPED)
    watched.may_go_on.set()
    assert (await waiting).suggestions
    assert watched.asked[:2] == [TYPED.prefix.tail] * 2


async def test_an_answer_that_was_made_while_the_memory_changed_is_not_kept(
    suggestions: Suggestions, watched: Watched
) -> None:
    await forget_while_one_is_made(suggestions, watched)
    watched.may_go_on.set()
    await until_idle(suggestions)
    assert not suggestions.request(URI, TYPED).done()


async def test_states_of_documents_used_longest_ago_make_room(suggestions: Suggestions) -> None:
    for number in range(6):
        await suggestions.request(f"file:///{number}.py", QUERY)
    await until_idle(suggestions)
    one = suggestions.sessions.nbytes / 6
    suggestions.sessions.budget_bytes = int(2.5 * one)
    await suggestions.request("file:///new.py", QUERY)
    await until_idle(suggestions)
    assert suggestions.sessions.nbytes <= 2.5 * one
    assert suggestions.sessions.uris[-1] == "file:///new.py"


async def test_the_states_can_be_counted_while_suggestions_are_made(suggestions: Suggestions) -> None:
    sessions, uris = suggestions.sessions, [f"file:///{number}.py" for number in range(100)]
    for uri in uris:
        sessions.session(uri, QUERY)
    ended, interval = threading.Event(), sys.getswitchinterval()

    def work() -> None:
        while not ended.is_set():
            for uri in uris:
                sessions.session(uri, QUERY)

    worker = threading.Thread(target=work)
    sys.setswitchinterval(1e-6)
    try:
        worker.start()
        assert all(sessions.nbytes >= 0 for _ in range(2000))
    finally:
        ended.set()
        worker.join()
        sys.setswitchinterval(interval)


async def test_confidence_is_shifted_by_what_outcomes_have_shown(learnt_engine: Engine) -> None:
    confidences = []
    for shift in (-1.0, 0.0, 1.0):
        service = Suggestions(lambda: learnt_engine, Sessions(Memories(), {"python": shift}.__getitem__))
        service.start()
        confidences.append((await service.request(URI, QUERY)).suggestions[0].confidence)
        service.stop()
    assert confidences == sorted(confidences)
    assert len(set(confidences)) == 3
