"""The statistics as one page for a browser: no script, nothing fetched, light or dark as its reader has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from foretype.model.learning_curve import LearningCurve
from foretype.server import statistics_charts as charts
from foretype.server.statistics import Statistics
from foretype.server.statistics_charts import Chart
from foretype.server.statistics_tables import NOTHING, Table, percent, tables

_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1d2127; --faint: #5d6570; --line: #dde1e6; --card: #f5f7f9 }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15181c; --ink: #e4e7eb; --faint: #a0a8b3; --line: #343a42; --card: #1d2126 }
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif }
h1 { font-size: 1.6rem; margin: 0 }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .25rem }
p, figcaption { color: var(--faint); margin: .25rem 0 }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1.5rem 0 }
dl div { display: flex; flex-direction: column; justify-content: space-between; background: var(--card);
  border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem }
dt { color: var(--faint); font-size: .85rem }
dd { margin: 0; font-size: 1.4rem; font-variant-numeric: tabular-nums }
figure { margin: 0 0 1rem }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .5rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child { text-align: left }
thead th { color: var(--faint); font-weight: 600 }
tbody th { font-weight: 400 }
.chart { display: block; width: 100%; height: auto }
.chart > g > rect { fill: none }
.chart text { fill: var(--faint); font-family: system-ui, sans-serif; font-size: 13px }
.chart .tick line { stroke: var(--line) }
.chart.days .bottom line, .chart.bars .left line { stroke: none }
.chart path { stroke-linecap: round; stroke-linejoin: round }
"""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Foretype: statistics</title>
<style>{style}</style>
</head>
<body>
<h1>Foretype: what became of its suggestions</h1>
<p>{period} Recorded on this machine, kept on this machine; numbers alone, no text.</p>
{body}
</body>
</html>
"""


def page(statistics: Statistics, curves: Sequence[LearningCurve] = ()) -> str:
    """Return the whole page as HTML, `curves` at its end."""
    body = f"<p>{escape(NOTHING)}</p>" if statistics.empty else _body(statistics)
    learning = "\n".join(_figure(charts.learning(curve)) for curve in curves)
    return _PAGE.format(style=_STYLE, period=escape(_period(statistics)), body=f"{body}\n{learning}")


def _period(statistics: Statistics) -> str:
    now = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    if statistics.empty:
        return f"Made {now}."
    days = sorted(statistics.days)
    return f"{days[0].isoformat()} to {days[-1].isoformat()}; made {now}."


def _body(statistics: Statistics) -> str:
    drawn = [
        charts.saved_per_day(statistics),
        charts.acceptance_per_language(statistics),
        charts.latency_per_day(statistics),
        charts.silences_by_reason(statistics),
        charts.calibration(statistics.total),
    ]
    figures = [_figure(chart) for chart in drawn if chart is not None]
    return "\n".join([_headline(statistics), *figures, *map(_table, tables(statistics))])


def _headline(statistics: Statistics) -> str:
    total = statistics.total
    median = "-" if total.latency is None else f"{total.latency.p50:.1f} ms"
    facts = {
        "characters saved": f"{total.saved:,}",
        "share of all characters": percent(total.share_saved),
        "suggestions shown": f"{total.shown:,}",
        "of them taken": percent(total.acceptance),
        "still there after 5 min": percent(total.retained_300),
        "median latency": median,
    }
    return f"<dl>{''.join(f'<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>' for k, v in facts.items())}</dl>"


def _figure(chart: Chart) -> str:
    return f"<h2>{escape(chart.title)}</h2>\n<figure><figcaption>{escape(chart.note)}</figcaption>{chart.svg}</figure>"


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.header)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in others)}</tr>'
        for first, *others in table.rows
    )
    return (
        f'<h2>{escape(table.title)}</h2>\n<div class="scroll"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>"
    )
