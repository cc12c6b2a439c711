"""The statistics as charts: static SVG that needs no script, sized by the page and coloured by its style.

Drawn by leather. Its own colours of text, grid and background are overridden by the page, which knows light and dark;
those of the series are chosen to be told apart on both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from xml.etree import ElementTree

import leather

from foretype.model.learning_curve import LearningCurve
from foretype.server.statistics import Part, Statistics

_WIDTH, _HEIGHT = 720, 260
_BAR_HEIGHT = 30
_AROUND_BARS = 110
"""What axis and margins of a chart of bars take."""
_CROPPED = 22
"""Of leather's margins; the page has its own. On the right half a label stands in it."""
_FEWEST_DAYS, _MOST_DAYS = 7, 90
_MOST_BARS = 12
_DAY_LABELS = 8

_BLUE, _ORANGE, _PURPLE, _GREY = "#2f81c7", "#cc7a1e", "#9a66cc", "#8a8f98"


@dataclass(frozen=True, slots=True)
class Chart:
    """Hold a chart, as an `svg` element in text, with what it shows."""

    title: str
    note: str
    """What the axes are, for the reader."""
    svg: str


def saved_per_day(statistics: Statistics) -> Chart | None:
    """Draw the key presses saved on each of the newest days, those without any among them."""
    days = _every_day(statistics.days)
    if not days:
        return None
    chart = leather.Chart()
    chart.add_columns([(day.isoformat(), _saved(statistics, day)) for day in days], fill_color=_BLUE)
    every = -(-len(days) // _DAY_LABELS)
    chart.add_x_axis(tick_formatter=lambda label, number, _: "" if number % every else label[5:])
    return _drawn(chart, "Characters saved", "key presses saved per day", "days")


def acceptance_per_language(statistics: Statistics) -> Chart | None:
    """Draw what share of suggestions was taken, in the languages with most suggestions."""
    shares = [(name, part.acceptance) for name, part in statistics.languages.items() if part.acceptance is not None]
    rows = [(100 * share, name) for name, share in shares[:_MOST_BARS]]
    return _bars(rows, "Acceptance", "percent of the suggestions shown that were taken, whole or in part", 100)


def latency_per_day(statistics: Statistics) -> Chart | None:
    """Draw the median latency of each of the newest days, and what the slowest are."""
    days = [(day, part.latency) for day, part in sorted(statistics.days.items()) if part.latency is not None]
    days = days[-_MOST_DAYS:]
    if not days:
        return None
    chart = leather.Chart()
    first, span = days[0][0], (days[-1][0] - days[0][0]).days
    for name, color in (("p50", _BLUE), ("p95", _ORANGE), ("p99", _PURPLE)):
        points = [((day - first).days, getattr(latency, name)) for day, latency in days]
        if span:
            chart.add_line(points, name=name, stroke_color=color)
        else:
            chart.add_dots(points, name=name, fill_color=color)
    chart.add_x_scale(0 if span else -1, span or 1)
    ticks = list(range(0, span + 1, -(-(span + 1) // _DAY_LABELS)))
    chart.add_x_axis(ticks, lambda number, *_: (first + timedelta(days=int(number))).isoformat()[5:])
    chart.add_y_scale(0, max(latency.p99 for _, latency in days))
    return _drawn(chart, "Latency", "milliseconds to an answer: the median, and what 95 and 99 in 100 stay below")


def silences_by_reason(statistics: Statistics) -> Chart | None:
    """Draw how often nothing was suggested, and why."""
    rows = [(float(count), name) for name, count in statistics.total.silences.items()][:_MOST_BARS]
    return _bars(rows, "Silences", "times that nothing was suggested, by reason", max(rows, default=(0, ""))[0])


def calibration(total: Part) -> Chart | None:
    """Draw how often suggestions of each confidence proved right, beside what was promised."""
    if not total.calibration:
        return None
    chart = leather.Chart()
    chart.add_line([(0, 0), (100, 100)], name="as promised", stroke_color=_GREY, stroke_dasharray="4 4")
    points = [(100 * one.expected, 100 * one.observed) for one in total.calibration]
    chart.add_dots(points, name="as it was", fill_color=_BLUE, radius=5)
    chart.add_x_scale(0, 100)
    chart.add_y_scale(0, 100)
    return _drawn(chart, "Confidence", "across: percent promised; up: percent that proved right")


def learning(curve: LearningCurve) -> Chart:
    """Draw how the latest run of a model went."""
    chart = leather.Chart()
    chart.add_line(curve.learnt, name="what it learns from, before it does", stroke_color=_BLUE)
    if curve.held_out:
        chart.add_line(curve.held_out, name="files held out", stroke_color=_ORANGE)
    return _drawn(
        chart, f"Learning: {curve.name}", "across: minutes of the latest run; up: bits per byte, less is better"
    )


def _every_day(days: Mapping[date, Part]) -> list[date]:
    if not days:
        return []
    first, last = min(days), max(days)
    count = min(max((last - first).days + 1, _FEWEST_DAYS), _MOST_DAYS)
    return [last - timedelta(days=back) for back in reversed(range(count))]


def _saved(statistics: Statistics, day: date) -> int:
    part = statistics.days.get(day)
    return 0 if part is None else part.saved


def _bars(rows: Sequence[tuple[float, str]], title: str, note: str, most: float) -> Chart | None:
    if not rows:
        return None
    chart = leather.Chart()
    chart.add_bars(rows, fill_color=_BLUE)
    chart.add_x_scale(0, most)
    return _drawn(chart, title, note, "bars", _AROUND_BARS + _BAR_HEIGHT * len(rows))


def _drawn(chart: leather.Chart, title: str, note: str, kind: str = "", height: int = _HEIGHT) -> Chart:
    box = f"{_CROPPED} {_CROPPED} {_WIDTH - _CROPPED} {height - 2 * _CROPPED}"
    svg = ElementTree.Element("svg", {"viewBox": box, "class": f"chart {kind}".strip()})
    svg.set("role", "img")
    svg.set("aria-label", f"{title}: {note}")
    svg.append(chart.to_svg_group(_WIDTH, height))
    return Chart(title, note, ElementTree.tostring(svg, encoding="unicode"))
