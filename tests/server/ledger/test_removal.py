"""What is too old or too much is dropped, and resetting leaves nothing."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.server.ledger.book import DAY, NOW, OUTCOME, batch_of, count, rows, write

from foretype.model.errors import UserError
from foretype.model.reason import Reason
from foretype.server import ledger_file
from foretype.server.ledger import Batch
from foretype.server.ledger_file import LedgerFile, connect, reset


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
