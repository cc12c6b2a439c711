"""What is recorded is there, and holds no text; what cannot be true is refused."""

from __future__ import annotations

import math
import os
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from identify.identify import ALL_TAGS
from tests.server.ledger.book import NOW, OUTCOME, batch_of, count, opened, rows, wait_until, write

from foretype.model.reason import Reason
from foretype.server import ledger
from foretype.server.ledger import Batch, Outcome, language_id
from foretype.server.ledger_file import LedgerFile


def test_what_is_recorded_is_there_after_closing(path: Path) -> None:
    book = opened(path)
    token = book.record(OUTCOME)
    book.retained(token, 30, 1.0)
    book.retained(token, 300, 0.25)
    for _ in range(3):
        book.silence(Reason.MID_WORD, "python")
        book.latency(12.0, "rust")
        book.typed(7, "rust")
    book.close()
    today = date.fromtimestamp(NOW).toordinal()
    stored = (token, NOW, "python", 12, 12, 11, "accepted", 0.75, 1, 0, 0.0, 1.0, 0.25)
    assert rows(path, "SELECT * FROM outcomes") == [stored]
    assert rows(path, "SELECT * FROM silences") == [(today, "python", "mid_word", 3)]
    assert rows(path, "SELECT day, language, count FROM latencies") == [(today, "rust", 3)]
    assert rows(path, "SELECT * FROM typed") == [(today, "rust", 21)]


def test_a_later_server_adds_to_what_is_there(path: Path) -> None:
    for _ in range(2):
        book = opened(path)
        token = book.record(OUTCOME)
        book.typed(5, "python")
        book.close()
    book = opened(path)
    book.retained(token, 30, 0.5)
    book.close()
    assert count(path) == 2
    assert rows(path, "SELECT characters FROM typed") == [(10,)]
    assert rows(path, "SELECT retained_30 FROM outcomes WHERE token = ?", token) == [(0.5,)]


def test_nothing_is_opened_or_begun_before_the_first_record(path: Path) -> None:
    before = threading.active_count()
    book = opened(path)
    assert threading.active_count() == before
    book.close()
    assert not path.parent.exists()


def test_what_is_recorded_after_closing_is_dropped(path: Path) -> None:
    book = opened(path)
    book.close()
    book.record(OUTCOME)
    book.close()
    assert not path.exists()


def test_a_batch_is_written_without_waiting_for_the_end(path: Path) -> None:
    write(path, Batch())
    book = opened(path)
    book.record(OUTCOME)
    wait_until(lambda: count(path) == 1)
    book.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes; the folder of a user is the user's alone there")
def test_only_its_user_may_read_it(path: Path) -> None:
    book = opened(path)
    book.record(OUTCOME)
    book.close()
    assert path.parent.stat().st_mode & 0o777 == 0o700
    file = LedgerFile(path)
    file.write(batch_of(OUTCOME))
    ours = [one for one in path.parent.iterdir() if one.suffix != ".lock"]
    assert len(ours) == 3  # with SQLite's log and its index
    assert {one.stat().st_mode & 0o777 for one in ours} == {0o600}
    file.close()


def test_its_only_texts_are_languages_and_codes(path: Path) -> None:
    write(path, Batch())
    tables = [name for (name,) in rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    texts = {
        (table, column)
        for table in tables
        for column, kind in rows(path, "SELECT name, type FROM pragma_table_info(?)", table)
        if kind not in ("INTEGER", "REAL")
    }
    assert texts == {
        *((table, "language") for table in ("outcomes", "silences", "latencies", "typed")),
        ("outcomes", "fate"),
        ("silences", "reason"),
    }


def test_no_text_handed_in_as_a_language_gets_into_the_file(path: Path) -> None:
    book = opened(path)
    for secret in ("/home/somebody/hunter2.py", "HUNTER2 = 1", "hunter2\n", "hunter2" * 9, "", "ハンター2"):
        book.record(replace(OUTCOME, language=secret))
        book.silence(Reason.STALE, secret)
        book.latency(1.0, secret)
        book.typed(1, secret)
    book.close()
    assert b"hunter2" not in path.read_bytes().lower()
    assert rows(path, "SELECT DISTINCT language FROM outcomes") == [(ledger.OTHER_LANGUAGE,)]


def test_every_language_that_we_know_keeps_its_name() -> None:
    assert {name for name in ALL_TAGS if language_id(name) != name} == set()
    assert ledger.OTHER_LANGUAGE not in ALL_TAGS


@pytest.mark.parametrize(
    "wrong",
    [
        replace(OUTCOME, confidence=math.nan),
        replace(OUTCOME, confidence=1.5),
        replace(OUTCOME, shown=-1),
        replace(OUTCOME, accepted=2**63),
        replace(OUTCOME, keys_saved=2**63),
        replace(OUTCOME, shift=math.inf),
    ],
)
def test_a_number_that_cannot_be_true_is_refused_once_and_spoils_nothing_else(
    path: Path, warnings: pytest.LogCaptureFixture, wrong: Outcome
) -> None:
    book = opened(path)
    book.record(OUTCOME)
    book.record(wrong)
    book.latency(math.nan, "python")
    book.typed(-1, "python")
    book.retained(book.record(OUTCOME), 30, 1.5)
    book.close()
    assert count(path) == 2
    assert len(warnings.records) == 1
    assert "refused" in warnings.text
