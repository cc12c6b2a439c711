"""Nothing that goes wrong on the disk reaches the one who records."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from tests.server.ledger.book import NOW, OUTCOME, batch_of, count, opened, rows, wait_until, write

from foretype.server import ledger, ledger_file
from foretype.server.ledger import Batch
from foretype.server.ledger_file import LedgerFile, connect


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
