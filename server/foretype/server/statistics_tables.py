"""The statistics in words and rounded figures, as tables that the terminal and the page show alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from foretype.server.ledger import Fate
from foretype.server.statistics import Part, Statistics

NOTHING = "nothing is recorded yet for this time; suggestions in your editor will be"

FATES = {
    Fate.ACCEPTED: "taken whole",
    Fate.WORD: "by words",
    Fate.LINE: "by lines",
    Fate.TYPED: "typed through",
    Fate.DISMISSED: "dismissed",
}

_NONE = "-"
_FIGURES = ("shown", "taken", "typed", "saved", "share saved", "stand 30 s", "5 min", "p50 ms", "p95 ms", "p99 ms")


@dataclass(frozen=True, slots=True)
class Table:
    """Hold a title, a header and rows of as many cells; all but the first column are numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(statistics: Statistics, most_days: int | None = None) -> list[Table]:
    """Return the tables that have anything to say, of the newest `most_days` days where that is given."""
    return [table for table in _all(statistics, most_days) if table.rows]


def percent(share: float | None) -> str:
    """Return a share as a percentage."""
    return _NONE if share is None else f"{share:.1%}"


def _all(statistics: Statistics, most_days: int | None) -> Iterator[Table]:
    total = statistics.total
    parts = [*statistics.languages.items(), ("all", total)]
    yield Table("Languages", ("language", *_FIGURES), tuple((name, *_figures(part)) for name, part in parts))
    days = sorted(statistics.days.items())[-most_days if most_days else 0 :]
    rows = tuple((day.isoformat(), *_figures(part)) for day, part in reversed(days))
    yield Table("Days, the newest first", ("day", *_FIGURES), rows)
    yield Table("What became of them", ("language", *FATES.values()), tuple(_fates(*item) for item in parts))
    yield Table("Silences", ("reason", "times"), tuple((name, f"{count:,}") for name, count in total.silences.items()))
    yield Table("Confidence", ("promised", "shown", "expected right", "proved right"), tuple(_calibration(total)))


def _figures(part: Part) -> tuple[str, ...]:
    latency = part.latency
    times = (_NONE,) * 3 if latency is None else tuple(f"{ms:.1f}" for ms in (latency.p50, latency.p95, latency.p99))
    return (
        f"{part.shown:,}",
        percent(part.acceptance),
        f"{part.typed:,}",
        f"{part.saved:,}",
        percent(part.share_saved),
        percent(part.retained_30),
        percent(part.retained_300),
        *times,
    )


def _fates(name: str, part: Part) -> tuple[str, ...]:
    return (name, *(f"{part.fates[fate]:,}" for fate in FATES))


def _calibration(part: Part) -> Iterator[tuple[str, ...]]:
    for one in part.calibration:
        reach = f"{one.low:.0%} to {one.high:.0%}"
        yield reach, f"{one.count:,}", percent(one.expected), percent(one.observed)
