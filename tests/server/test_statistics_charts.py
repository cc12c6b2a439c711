"""The charts: every shape that statistics can have is drawn, and what they say is no markup."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from foretype.model.learning_curve import LearningCurve
from foretype.server import statistics_charts as charts
from foretype.server.ledger import Fate
from foretype.server.statistics import Bin, Latency, Part, Statistics
from foretype.server.statistics_page import page

FIRST = date(2026, 1, 1)
FATES = {fate.value: 1 for fate in Fate}


def part(
    saved: int = 5, latency: Latency | None = None, silences: Mapping[str, int] | None = None, shown: int = 4
) -> Part:
    bins = (Bin(0.5, 0.6, shown, 0.55, 0.5),) if shown else ()
    acceptance = 0.5 if shown else None
    return Part(shown, FATES, acceptance, 10, 20, saved, 0.2, None, None, latency, silences or {}, bins)


def of_days(parts: Mapping[date, Part], total: Part, languages: Mapping[str, Part] | None = None) -> Statistics:
    return Statistics(None, total, languages or {"python": total}, parts)


def count(chart: charts.Chart | None, tag: str) -> int:
    assert chart is not None
    return len(ElementTree.fromstring(chart.svg).findall(f".//{tag}"))  # noqa: S314  # our own text


@pytest.mark.parametrize("days", [1, 2, 8, 90, 400])
def test_any_number_of_days_can_be_drawn(days: int) -> None:
    latency = Latency(3, 10.0, 20.0, 30.0)
    statistics = of_days({FIRST + timedelta(days=n): part(n, latency) for n in range(days)}, part())
    columns = min(max(days, 7), 90)
    assert count(charts.saved_per_day(statistics), "rect") == 1 + columns  # and the background
    assert count(charts.latency_per_day(statistics), "circle" if days == 1 else "path") == 3


def test_days_between_without_anything_are_empty_columns() -> None:
    statistics = of_days({FIRST: part(), FIRST + timedelta(days=20): part()}, part())
    assert count(charts.saved_per_day(statistics), "rect") == 1 + 21


def test_nothing_saved_and_more_keys_spent_than_saved_can_be_drawn() -> None:
    assert count(charts.saved_per_day(of_days({FIRST: part(0)}, part(0))), "rect") == 1 + 7
    assert count(charts.saved_per_day(of_days({FIRST: part(-3)}, part(-3))), "rect") == 1 + 7


def test_days_with_silences_alone_have_no_other_charts() -> None:
    quiet = part(0, silences={"disabled": 3}, shown=0)
    statistics = of_days({FIRST: quiet}, quiet)
    assert charts.latency_per_day(statistics) is None
    assert charts.acceptance_per_language(statistics) is None
    assert charts.calibration(quiet) is None
    assert count(charts.silences_by_reason(statistics), "rect") == 1 + 1
    assert page(statistics).count("<svg") == 2


def test_many_languages_are_cut_to_those_that_count_most() -> None:
    languages = {f"language-{number}": part() for number in range(30)}
    assert count(charts.acceptance_per_language(of_days({FIRST: part()}, part(), languages)), "rect") == 1 + 12


def test_a_name_is_never_markup() -> None:
    total = part(silences={"<script>": 1})
    text = page(of_days({FIRST: total}, total, {"<b>&": total}))
    assert "<script>" not in text
    assert "<b>" not in text
    assert "&lt;b&gt;&amp;" in text


@pytest.mark.parametrize("held_out", [(), ((1.0, 3.5),), ((1.0, 3.5), (2.0, 3.0))])
def test_the_page_ends_with_how_the_models_learnt_even_before_anything_was_suggested(
    held_out: tuple[tuple[float, float], ...],
) -> None:
    curve = LearningCurve("<mine>", ((0.0, 8.0), (2.0, 3.0)), held_out)
    text = page(of_days({}, part(shown=0), {}), [curve])
    assert text.count("<svg") == 1
    assert "&lt;mine&gt;" in text
