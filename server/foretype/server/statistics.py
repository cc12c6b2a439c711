"""What the ledger says: of everything, language by language and day by day, as frozen values.

Counting is left to SQLite, which hands back one row for each mixture of language, day and fate; here they are added up.
Prints nothing and draws nothing.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from foretype.model.errors import UserError
from foretype.server.histogram import percentile
from foretype.server.ledger import Fate
from foretype.server.ledger_file import check_version, connect, is_damage
from foretype.server.recalibration import logit, sigmoid

BINS = 10
"""Of confidence, equally wide."""
NEWEST_PAIRS = 500
FEWEST_PAIRS = 30
"""A language with fewer outcomes says less of itself than all languages together do."""

BY_KEY = frozenset({Fate.ACCEPTED, Fate.WORD, Fate.LINE})
"""Fates of what the user took; what was typed through was right, but saved no key."""

_OUTCOMES = f"""
    SELECT language, date(at, 'unixepoch', 'localtime'), fate, min(CAST(confidence * {BINS} AS INTEGER), {BINS - 1}),
        count(*), sum(accepted), sum(keys_saved), sum(confidence), sum(was_right),
        coalesce(sum(accepted * retained_30), 0), sum(accepted * (retained_30 IS NOT NULL)),
        coalesce(sum(accepted * retained_300), 0), sum(accepted * (retained_300 IS NOT NULL))
    FROM outcomes WHERE at >= ? GROUP BY 1, 2, 3, 4
"""  # noqa: S608  # our own constants
_PAIRS = "SELECT confidence, shift, was_right FROM outcomes {} ORDER BY at DESC, token LIMIT ?"


@dataclass(frozen=True, slots=True)
class Latency:
    """Hold how long answers took, in milliseconds; right within 5 %."""

    count: int
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Hold the suggestions shown with about the same confidence."""

    low: float
    high: float
    count: int
    expected: float
    """Mean confidence."""
    observed: float
    """Share that proved right."""


@dataclass(frozen=True, slots=True)
class Part:
    """Hold the figures of everything, of one language or of one day; a share of nothing is None."""

    shown: int
    """Suggestions."""
    fates: Mapping[str, int]
    """Suggestions by what became of them."""
    acceptance: float | None
    """Share of suggestions that were taken, whole or in part."""
    accepted: int
    """Characters taken."""
    typed: int
    """Characters inserted by keys."""
    saved: int
    """Key presses that did not have to be made."""
    share_saved: float | None
    """Of the characters that came to be, by key or by suggestion."""
    retained_30: float | None
    """Share of the characters taken that still stand after 30 seconds."""
    retained_300: float | None
    latency: Latency | None
    silences: Mapping[str, int]
    """By reason, most frequent first."""
    calibration: tuple[Bin, ...]
    """Bins with anything in them, by rising confidence."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Hold what the ledger says of a time."""

    since: int | None
    """Unix seconds; None for all that is there."""
    total: Part
    languages: Mapping[str, Part]
    """The one with most suggestions first."""
    days: Mapping[date, Part]
    """The oldest first."""

    @property
    def empty(self) -> bool:
        """Whether nothing was recorded at all."""
        return not self.days


def read(path: Path, since: int | None = None) -> Statistics:
    """Return what a ledger says of the time since then, by days of this place; none is like an empty one.

    One that is damaged, or of a newer schema, raises UserError.
    """
    tallies = _Tallies()
    with _reading(path) as connection:
        if connection is not None:
            _tally(connection, since, tallies)
    languages = sorted(tallies.languages.items(), key=lambda item: (-item[1].shown, item[0]))
    return Statistics(
        since=since,
        total=tallies.total.part(),
        languages={name: tally.part() for name, tally in languages},
        days={day: tally.part() for day, tally in sorted(tallies.days.items())},
    )


def newest_pairs(path: Path, language: str) -> list[tuple[float, bool]]:
    """Return confidence, without any shift, and rightness of a language's newest outcomes, or of all where it has few.

    Meant for `recalibration.bias`; raises what `read` raises.
    """
    with _reading(path) as connection:
        if connection is None:
            return []
        rows = connection.execute(_PAIRS.format("WHERE language = ?"), (language, NEWEST_PAIRS)).fetchall()
        if len(rows) < FEWEST_PAIRS:
            rows = connection.execute(_PAIRS.format(""), (NEWEST_PAIRS,)).fetchall()
    return [(sigmoid(logit(confidence) - shift), bool(right)) for confidence, shift, right in rows]


@dataclass(slots=True)
class _Tally:
    """Add up the figures of one part."""

    fates: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    typed: int = 0
    saved: int = 0
    still: list[float] = field(default_factory=lambda: [0.0, 0.0])
    """Characters that still stood after 30 and after 300 seconds."""
    looked_at: list[int] = field(default_factory=lambda: [0, 0])
    """Characters of which that is known."""
    latencies: Counter[int] = field(default_factory=Counter)
    silences: Counter[str] = field(default_factory=Counter)
    bins: list[tuple[int, float, int]] = field(default_factory=lambda: [(0, 0.0, 0)] * BINS)
    """Count, sum of confidences and how many were right."""

    @property
    def shown(self) -> int:
        return self.fates.total()

    def add(self, fate: str, number: int, count: int, sums: tuple[Any, ...]) -> None:
        """Add the outcomes of one fate and bin."""
        accepted, saved, confidence, right, *retained = sums
        self.fates[fate] += count
        self.saved += saved
        before = self.bins[number]
        self.bins[number] = (before[0] + count, before[1] + confidence, before[2] + right)
        if fate in BY_KEY:
            self.accepted += accepted
            for which in (0, 1):
                self.still[which] += retained[2 * which]
                self.looked_at[which] += retained[2 * which + 1]

    def part(self) -> Part:
        """Return the sums as figures."""
        return Part(
            shown=self.shown,
            fates={fate.value: self.fates[fate] for fate in Fate},
            acceptance=_share(sum(self.fates[fate] for fate in BY_KEY), self.shown),
            accepted=self.accepted,
            typed=self.typed,
            saved=self.saved,
            share_saved=_share(self.saved, self.typed + self.accepted),
            retained_30=_share(self.still[0], self.looked_at[0]),
            retained_300=_share(self.still[1], self.looked_at[1]),
            latency=_latency(self.latencies),
            silences=dict(self.silences.most_common()),
            calibration=tuple(self._calibration()),
        )

    def _calibration(self) -> Iterator[Bin]:
        for number, (count, confidence, right) in enumerate(self.bins):
            if count:
                yield Bin(number / BINS, (number + 1) / BINS, count, confidence / count, right / count)


@dataclass(slots=True)
class _Tallies:
    total: _Tally = field(default_factory=_Tally)
    languages: dict[str, _Tally] = field(default_factory=dict)
    days: dict[date, _Tally] = field(default_factory=dict)

    def of(self, language: str, day: date) -> tuple[_Tally, _Tally, _Tally]:
        """Return the three parts that something belongs to."""
        of_language = self.languages.setdefault(language, _Tally())
        return self.total, of_language, self.days.setdefault(day, _Tally())


def _tally(connection: sqlite3.Connection, since: int | None, tallies: _Tallies) -> None:
    for language, day, fate, number, count, *sums in connection.execute(_OUTCOMES, (since or 0,)):
        for tally in tallies.of(language, date.fromisoformat(day)):
            tally.add(fate, number, count, tuple(sums))
    first = (date.fromtimestamp(since).toordinal() if since else 0,)
    for day, language, reason, count in connection.execute("SELECT * FROM silences WHERE day >= ?", first):
        for tally in tallies.of(language, date.fromordinal(day)):
            tally.silences[reason] += count
    for day, language, bucket, count in connection.execute("SELECT * FROM latencies WHERE day >= ?", first):
        for tally in tallies.of(language, date.fromordinal(day)):
            tally.latencies[bucket] += count
    for day, language, characters in connection.execute("SELECT * FROM typed WHERE day >= ?", first):
        for tally in tallies.of(language, date.fromordinal(day)):
            tally.typed += characters


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Yield one view of the ledger, whatever is written meanwhile; None where nothing was written yet."""
    if not path.exists():
        yield None
        return
    try:
        with closing(connect(path)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            yield connection if check_version(connection) else None
    except sqlite3.DatabaseError as error:
        remedy = "`foretype stats --reset` begins a new one" if is_damage(error) else "try again"
        raise UserError(f"the ledger {path} cannot be read: {error}; {remedy}") from error


def _latency(counts: Counter[int]) -> Latency | None:
    p50, p95, p99 = (percentile(counts, share) for share in (0.5, 0.95, 0.99))
    if p50 is None or p95 is None or p99 is None:
        return None
    return Latency(counts.total(), p50, p95, p99)


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
