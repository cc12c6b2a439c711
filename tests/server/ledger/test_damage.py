"""A file that is damaged, gone or of a newer version is never written over."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock
from tests.server.ledger.book import NOW, OUTCOME, batch_of, count, opened, write

from foretype.server import ledger_file
from foretype.server.ledger_file import LedgerFile, connect


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


def test_a_damaged_file_that_cannot_be_moved_yet_is_moved_when_it_can(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_file, "_BUSY_SECONDS", 0.1)
    file = LedgerFile(path, lambda: NOW)
    file.write(batch_of(*[OUTCOME] * 500))
    file._current().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("rb+") as content:
        content.seek(4096)
        content.write(b"\x05" * 8192)
    file.close()
    file._current()
    with FileLock(path.with_name("ledger.sqlite.lock")), pytest.raises(OSError, match="lock"):
        file.write(batch_of(OUTCOME))
    file.write(batch_of(OUTCOME))
    file.close()
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
