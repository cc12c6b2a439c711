"""A clock that is set back or forth: nothing waits for it to catch up, nothing is lost."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from foretype.server import statistics
from foretype.server.learning_record import LearningRecord
from foretype.server.ledger import Fate, Ledger, Outcome

_YEAR = 365 * 86_400.0


def test_learning_is_due_when_the_clock_was_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record, now = LearningRecord(tmp_path / "background.json"), time.time()
    monkeypatch.setattr(time, "time", lambda: now + _YEAR)
    record.begin([tmp_path])
    record.finish()
    assert not record.is_due([tmp_path])
    monkeypatch.setattr(time, "time", lambda: now)
    assert record.is_due([tmp_path])
    record.begin([tmp_path])
    record.finish()
    assert not record.is_due([tmp_path])


def test_what_was_counted_under_a_later_clock_stays_and_more_is_counted(tmp_path: Path) -> None:
    now = time.time()
    for clock in (now + _YEAR, now, now - _YEAR):
        ledger = Ledger(tmp_path / "ledger.sqlite", lambda clock=clock: clock)  # type: ignore[misc]
        ledger.record(Outcome(int(clock), "python", 9, 9, 8, Fate.ACCEPTED, 0.7, right=True))
        ledger.typed(5, "python")
        ledger.close()
    total = statistics.read(tmp_path / "ledger.sqlite").total
    assert (total.shown, total.typed) == (3, 15)
