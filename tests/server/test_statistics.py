"""The statistics: what was recorded, added up right for everything, each language and each day."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from foretype.model.errors import UserError
from foretype.model.reason import Reason
from foretype.server.ledger import Batch, Fate, Outcome
from foretype.server.ledger_file import SCHEMA_VERSION, LedgerFile
from foretype.server.statistics import FEWEST_PAIRS, NEWEST_PAIRS, Bin, newest_pairs, read

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def noon(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 12).timestamp())


def outcome(day: date, language: str, how: Fate, accepted: int, **others: float) -> Outcome:
    saved = max(accepted - 1, 0)
    made = Outcome(noon(day), language, 20, accepted, saved, how, 0.55, right=how != Fate.DISMISSED)
    return replace(made, **others)  # type: ignore[arg-type]  # numbers all


def write(path: Path, batch: Batch) -> None:
    file = LedgerFile(path, lambda: noon(TUESDAY))
    file.write(batch)
    file.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def two_days(path: Path) -> Path:
    """Return a ledger of two days and two languages."""
    batch = Batch()
    batch.add_outcome(1, outcome(MONDAY, "python", Fate.ACCEPTED, 10, confidence=0.95))
    batch.add_outcome(2, outcome(MONDAY, "python", Fate.DISMISSED, 0, confidence=0.91))
    batch.add_outcome(3, outcome(TUESDAY, "python", Fate.TYPED, 0))
    batch.add_outcome(4, outcome(TUESDAY, "rust", Fate.WORD, 30, confidence=1.0))
    batch.add_outcome(5, outcome(TUESDAY, "rust", Fate.LINE, 10, confidence=0.0))
    batch.add_retained(1, 30, 0.5)
    batch.add_retained(4, 30, 1.0)
    batch.add_retained(4, 300, 0.2)
    for day, language, characters in ((MONDAY, "python", 30), (TUESDAY, "python", 40), (TUESDAY, "rust", 20)):
        batch.add_typed(day.toordinal(), language, characters)
    for milliseconds in (10.0,) * 96 + (100.0,) * 3 + (1000.0,):
        batch.add_latency(MONDAY.toordinal(), "python", milliseconds)
    for reason in (Reason.STALE, Reason.MID_WORD, Reason.MID_WORD):
        batch.add_silence(TUESDAY.toordinal(), "rust", reason)
    write(path, batch)
    return path


def test_suggestions_are_counted_by_what_became_of_them(two_days: Path) -> None:
    total = read(two_days).total
    assert total.shown == 5
    assert total.fates == {"accepted": 1, "word": 1, "line": 1, "typed": 1, "dismissed": 1}
    assert total.acceptance == 3 / 5


def test_the_share_saved_is_of_all_characters_that_came_to_be(two_days: Path) -> None:
    total = read(two_days).total
    assert (total.saved, total.typed, total.accepted) == (9 + 29 + 9, 90, 50)
    assert total.share_saved == 47 / 140


def test_what_was_typed_through_is_not_counted_twice(path: Path) -> None:
    batch = Batch()
    batch.add_outcome(1, outcome(MONDAY, "python", Fate.TYPED, 8, keys_saved=0))
    batch.add_typed(MONDAY.toordinal(), "python", 8)
    write(path, batch)
    total = read(path).total
    assert (total.typed, total.accepted, total.share_saved) == (8, 0, 0)


def test_what_still_stands_is_weighed_by_characters_where_it_was_looked_at(two_days: Path) -> None:
    statistics = read(two_days)
    assert statistics.total.retained_30 == pytest.approx((5 + 30) / 40)
    assert statistics.total.retained_300 == pytest.approx(0.2)
    assert statistics.languages["python"].retained_300 is None


def test_latencies_are_percentiles(two_days: Path) -> None:
    latency = read(two_days).total.latency
    assert latency is not None
    assert latency.count == 100
    assert latency.p50 == pytest.approx(10, rel=0.05)
    assert latency.p95 == pytest.approx(10, rel=0.05)
    assert latency.p99 == pytest.approx(100, rel=0.05)


def test_silences_are_counted_by_reason_the_most_frequent_first(two_days: Path) -> None:
    assert list(read(two_days).total.silences.items()) == [("mid_word", 2), ("stale", 1)]


def test_calibration_compares_what_was_promised_with_what_was_right(two_days: Path) -> None:
    low, middle, high = read(two_days).total.calibration
    assert low == Bin(0.0, 0.1, 1, 0.0, 1.0)
    assert (middle.count, middle.observed) == (1, 1.0)
    assert middle.expected == pytest.approx(0.55)
    assert (high.high, high.count) == (1.0, 3)
    assert high.expected == pytest.approx((0.95 + 0.91 + 1.0) / 3)
    assert high.observed == pytest.approx(2 / 3)


def test_languages_and_days_are_parts_of_the_same(two_days: Path) -> None:
    statistics = read(two_days)
    assert {name: part.shown for name, part in statistics.languages.items()} == {"python": 3, "rust": 2}
    assert {day: part.shown for day, part in statistics.days.items()} == {MONDAY: 2, TUESDAY: 3}
    assert list(statistics.languages) == ["python", "rust"]
    assert statistics.days[MONDAY].typed == 30
    assert statistics.days[TUESDAY].latency is None
    assert statistics.languages["rust"].silences == {"mid_word": 2, "stale": 1}
    assert not statistics.empty


def test_since_leaves_out_what_was_before(two_days: Path) -> None:
    midnight = int(datetime(TUESDAY.year, TUESDAY.month, TUESDAY.day).timestamp())
    statistics = read(two_days, midnight)
    assert list(statistics.days) == [TUESDAY]
    assert (statistics.total.shown, statistics.total.typed, statistics.total.latency) == (3, 60, None)
    assert read(two_days, midnight + 86_400).empty


@pytest.mark.parametrize("begun", ["never", "just now", "without a record"])
def test_where_nothing_was_recorded_every_share_is_none(path: Path, begun: str) -> None:
    if begun == "just now":
        path.touch()
    elif begun == "without a record":
        write(path, Batch())
    statistics = read(path)
    assert statistics.empty
    assert statistics.total.shown == 0
    assert (statistics.total.acceptance, statistics.total.share_saved) == (None, None)
    assert statistics.total.latency is None
    assert newest_pairs(path, "python") == []
    assert path.exists() == (begun != "never")


def test_reading_changes_nothing_and_waits_for_nobody_who_writes(two_days: Path) -> None:
    with closing(sqlite3.connect(two_days, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM outcomes")
        assert read(two_days).total.shown == 5
        writer.execute("ROLLBACK")


def test_a_reason_of_another_version_is_counted_under_its_code(two_days: Path) -> None:
    with closing(sqlite3.connect(two_days, isolation_level=None)) as connection:
        connection.execute("INSERT INTO silences VALUES (?, 'rust', 'too_tired', 9)", (TUESDAY.toordinal(),))
    assert read(two_days).total.silences["too_tired"] == 9


def test_a_damaged_ledger_and_a_newer_one_are_refused_in_one_sentence(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(UserError, match="--reset"):
        read(path)
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(UserError, match="update Foretype"):
        newest_pairs(path, "python")


def test_the_newest_pairs_are_of_the_language_unless_it_has_few(path: Path) -> None:
    batch = Batch()
    for number in range(NEWEST_PAIRS + 100):
        one = outcome(MONDAY, "python", Fate.ACCEPTED, 1, when=noon(MONDAY) + number, confidence=number / 1000)
        batch.add_outcome(number, one)
    for number in range(FEWEST_PAIRS):
        batch.add_outcome(10_000 + number, outcome(TUESDAY, "rust", Fate.DISMISSED, 0, confidence=0.25))
    batch.add_outcome(20_000, outcome(TUESDAY, "c", Fate.DISMISSED, 0))
    write(path, batch)
    python = [confidence for confidence, _ in newest_pairs(path, "python")]
    assert python == pytest.approx([number / 1000 for number in range(599, 99, -1)])
    rust = newest_pairs(path, "rust")
    assert [confidence for confidence, _ in rust] == pytest.approx([0.25] * FEWEST_PAIRS)
    assert {right for _, right in rust} == {False}
    everything = newest_pairs(path, "c")
    assert len(everything) == NEWEST_PAIRS
    assert sum(not right for _, right in everything) == FEWEST_PAIRS + 1


def test_pairs_are_without_the_shift_that_was_in_force(path: Path) -> None:
    batch = Batch()
    batch.add_outcome(1, outcome(MONDAY, "python", Fate.DISMISSED, 0, confidence=0.8, shift=1.3862943611198906))
    write(path, batch)
    assert newest_pairs(path, "python")[0][0] == pytest.approx(0.5)
