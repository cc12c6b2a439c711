"""The ledger: everything that was recorded is there, and nothing that goes wrong reaches the one who records."""

from __future__ import annotations

import logging
import math
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from identify.identify import ALL_TAGS

from foretype.model.errors import UserError
from foretype.model.reason import Reason
from foretype.server import ledger, ledger_file
from foretype.server.ledger import Batch, Fate, Ledger, Outcome, language_id
from foretype.server.ledger_file import LedgerFile, connect, reset

NOW = 1_700_000_000
DAY = 86_400
OUTCOME = Outcome(NOW, "python", 12, 12, 11, Fate.ACCEPTED, 0.75, right=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ledger.sqlite"


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING, logger="foretype")
    return caplog


def opened(path: Path) -> Ledger:
    return Ledger(path, lambda: NOW)


def rows(path: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(connect(path)) as connection:
        return connection.execute(statement, values).fetchall()


def count(path: Path) -> int:
    return int(rows(path, "SELECT count(*) FROM outcomes")[0][0])


def batch_of(*outcomes: Outcome) -> Batch:
    batch = Batch()
    for token, outcome in enumerate(outcomes):
        batch.add_outcome(token, outcome)
    return batch


def write(path: Path, batch: Batch, now: float = NOW) -> None:
    file = LedgerFile(path, lambda: now)
    try:
        file.write(batch)
    finally:
        file.close()


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


def wait_until(holds: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.02)


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


def test_threads_and_ledgers_of_one_process_lose_nothing(path: Path) -> None:
    books = [opened(path) for _ in range(3)]

    def work(book: Ledger) -> None:
        for _ in range(200):
            book.record(OUTCOME)
            book.typed(1, "python")

    threads = [threading.Thread(target=work, args=(book,)) for book in books for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for book in books:
        book.close()
    assert count(path) == 9 * 200
    assert rows(path, "SELECT characters FROM typed") == [(9 * 200,)]


PROGRAM = """
import sys
from pathlib import Path
from foretype.server.ledger import Batch, Fate, Ledger, Outcome
from foretype.server.ledger_file import LedgerFile
path = Path(sys.argv[1])
outcome = Outcome(1_700_000_000, "python", 12, 12, 11, Fate.ACCEPTED, 0.75, right=True)
"""


def process(program: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM + program, str(path)], stdout=subprocess.PIPE, text=True)


def test_processes_that_begin_and_write_at_once_lose_nothing(path: Path) -> None:
    program = """
book = Ledger(path, lambda: 1_700_000_000)
for _ in range(100):
    book.record(outcome)
    book.typed(1, "python")
book.close()
"""
    running = [process(program, path) for _ in range(4)]
    for one in running:
        one.communicate(timeout=60)
        assert one.returncode == 0
    assert count(path) == 400
    assert rows(path, "SELECT characters FROM typed") == [(400,)]


def test_a_process_killed_while_it_writes_leaves_whole_batches(path: Path) -> None:
    program = """
file, token = LedgerFile(path, lambda: 1_700_000_000), 0
while True:
    batch = Batch()
    for token in range(token, token + 50):
        batch.add_outcome(token, outcome)
        batch.add_typed(738_800, "python", 1)
    token += 1
    file.write(batch)
    print(token, flush=True)
"""
    with process(program, path) as writer:
        assert writer.stdout is not None
        for _ in range(5):
            writer.stdout.readline()
        writer.kill()
    write(path, Batch())
    found = count(path)
    assert found >= 250
    assert found % 50 == 0
    assert rows(path, "SELECT characters FROM typed") == [(found,)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_where_there_can_be_no_folder_one_warning_is_all_that_happens(
    tmp_path: Path, warnings: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "data").write_text("a file")
    book = opened(tmp_path / "data" / "ledger.sqlite")
    for _ in range(10):
        book.record(OUTCOME)
    book.close()
    assert len(warnings.records) == 1
    assert "could not be written" in warnings.text
    assert (tmp_path / "data").read_text() == "a file"


def test_a_full_disk_leaves_what_is_there_and_what_waits_is_written_when_there_is_room(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, batch_of(OUTCOME))
    (pages,) = rows(path, "PRAGMA page_count")[0]
    monkeypatch.setattr(ledger_file, "_MOST_PAGES", pages)
    file = LedgerFile(path, lambda: NOW)
    many = Batch()
    for token in range(1000, 3000):
        many.add_outcome(token, OUTCOME)
    with pytest.raises(OSError, match="full"):
        file.write(many)
    assert count(path) == 1
    monkeypatch.undo()
    file.write(many)
    file.close()
    assert count(path) == 2001


def test_a_full_disk_is_told_once(
    path: Path, warnings: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_file, "_MOST_PAGES", 8)
    monkeypatch.setattr(ledger, "_BATCH_SECONDS", 0.0)
    book = opened(path)
    for _ in range(3000):
        book.record(OUTCOME)
    book.close()
    assert [record.getMessage() for record in warnings.records] == [
        "the ledger could not be written: database or disk is full"
    ]


def test_a_file_that_somebody_holds_for_long_is_written_when_they_let_go(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, batch_of(OUTCOME))
    monkeypatch.setattr(ledger_file, "_BUSY_SECONDS", 0.01)
    file = LedgerFile(path, lambda: NOW)
    again = Batch()
    again.add_outcome(7, OUTCOME)
    with closing(connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OSError, match="locked"):
            file.write(again)
        other.execute("ROLLBACK")
    file.write(again)
    file.close()
    assert count(path) == 2


def test_what_the_disk_did_not_take_is_tried_again_without_another_record(
    path: Path, warnings: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, Batch())
    monkeypatch.setattr(ledger_file, "_BUSY_SECONDS", 0.01)
    monkeypatch.setattr(ledger, "_BATCH_SECONDS", 0.0)
    monkeypatch.setattr(ledger, "_RETRY_SECONDS", 0.05)
    book = opened(path)
    with closing(connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        book.record(OUTCOME)
        wait_until(lambda: len(warnings.records) > 0)
        other.execute("ROLLBACK")
    wait_until(lambda: count(path) == 1)
    book.close()
    assert len(warnings.records) == 1
    assert "locked" in warnings.text


def test_a_ledger_that_cannot_keep_up_drops_records_and_says_so_once(
    path: Path, warnings: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "_QUEUE_LENGTH", 5)
    book = opened(path)
    for _ in range(100):
        book.record(OUTCOME)
    book.close()
    assert 5 <= count(path) < 100
    assert len(warnings.records) == 1
    assert "keep up" in warnings.text


@pytest.mark.parametrize("content", [b"this is no database at all" * 500, None])
def test_a_damaged_file_is_moved_aside_and_a_new_one_begun(
    path: Path, warnings: pytest.LogCaptureFixture, content: bytes | None
) -> None:
    write(path, batch_of(*[OUTCOME] * 500))
    if content is None:  # the first page tells of pages that are not what it says
        content = path.read_bytes()[:4096] + b"\x05" * 8192
    path.write_bytes(content)
    book = opened(path)
    book.record(OUTCOME)
    book.close()
    assert count(path) == 1
    assert path.with_name("ledger.sqlite.damaged").read_bytes() == content
    assert len(warnings.records) == 1
    assert "damaged" in warnings.text


def test_a_file_that_another_server_has_mended_is_not_moved_again(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1000)
    late = LedgerFile(path)
    write(path, batch_of(OUTCOME))
    late._mend()
    assert count(path) == 1


def test_a_file_removed_under_a_running_server_is_begun_anew(path: Path) -> None:
    file = LedgerFile(path, lambda: NOW)
    file.write(batch_of(OUTCOME))
    if os.name == "nt":  # which lets nobody remove what is open
        file.close()
    for one in path.parent.glob("ledger.sqlite*"):
        one.unlink()
    file.write(batch_of(OUTCOME))
    file.close()
    assert count(path) == 1


def test_a_newer_schema_is_left_as_it_is(path: Path, warnings: pytest.LogCaptureFixture) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {ledger_file.SCHEMA_VERSION + 1}")
    before = path.read_bytes()
    book = opened(path)
    for _ in range(3):
        book.record(OUTCOME)
    book.close()
    assert path.read_bytes() == before
    assert len(warnings.records) == 1
    assert "update Foretype" in warnings.text


def test_a_schema_that_becomes_newer_under_a_running_server_is_left_as_it_is(path: Path) -> None:
    file = LedgerFile(path, lambda: NOW)
    file.write(batch_of(OUTCOME))
    with closing(connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {ledger_file.SCHEMA_VERSION + 1}")
    with pytest.raises(ledger_file.NewerSchemaError):
        file.write(batch_of(OUTCOME, OUTCOME))
    file.close()
    assert count(path) == 1


def test_what_is_too_old_is_dropped(path: Path) -> None:
    old, young = NOW - 401 * DAY, NOW - 399 * DAY
    batch = batch_of(replace(OUTCOME, when=old), replace(OUTCOME, when=young))
    for when in (old, young):
        day = date.fromtimestamp(when).toordinal()
        batch.add_typed(day, "python", 1)
        batch.add_latency(day, "python", 1.0)
        batch.add_silence(day, "python", Reason.STALE)
    write(path, batch)
    assert rows(path, "SELECT at FROM outcomes") == [(young,)]
    day = date.fromtimestamp(young).toordinal()
    counters = "SELECT day FROM typed UNION ALL SELECT day FROM latencies UNION ALL SELECT day FROM silences"
    assert rows(path, counters) == [(day,)] * 3


def test_of_very_many_outcomes_the_newest_stay(path: Path) -> None:
    write(path, Batch())
    with closing(connect(path)) as connection, connection:
        connection.execute("BEGIN")
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            "INSERT INTO outcomes SELECT i, ? - i, 'c', 1, 1, 0, 'word', 0.5, 1, 0, 0, NULL, NULL FROM n",
            (ledger_file.MOST_OUTCOMES, NOW),
        )
    newer = Batch()
    for token in range(10):
        newer.add_outcome(2**40 + token, OUTCOME)
    write(path, newer)
    assert count(path) == ledger_file.MOST_OUTCOMES
    assert rows(path, "SELECT min(at), max(at) FROM outcomes") == [(NOW - ledger_file.MOST_OUTCOMES + 10, NOW)]


def test_resetting_deletes_everything_and_the_server_goes_on(path: Path) -> None:
    file = LedgerFile(path, lambda: NOW)
    batch = batch_of(replace(OUTCOME, language="cobol"))
    batch.add_typed(date.fromtimestamp(NOW).toordinal(), "cobol", 5)
    file.write(batch)
    path.with_name("ledger.sqlite.damaged").write_bytes(b"cobol")
    reset(path)
    ours = [one for one in path.parent.iterdir() if not one.name.endswith(("-shm", ".lock"))]  # locked on Windows
    assert [one.name for one in ours if b"cobol" in one.read_bytes()] == []
    assert count(path) == 0
    file.write(batch_of(OUTCOME))
    file.close()
    assert rows(path, "SELECT language FROM outcomes") == [("python",)]
    assert rows(path, "SELECT * FROM typed") == []


def test_resetting_what_is_missing_or_damaged_leaves_nothing(path: Path) -> None:
    reset(path)
    assert not path.parent.exists()
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1000)
    reset(path)
    assert not path.exists()


def test_resetting_what_cannot_be_reset_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, batch_of(OUTCOME))
    monkeypatch.setattr(ledger_file, "_BUSY_SECONDS", 0.01)
    with closing(connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UserError, match="try again"):
            reset(path)
    assert count(path) == 1
