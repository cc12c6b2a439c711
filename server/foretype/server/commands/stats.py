"""`foretype stats`: what the ledger says of the suggestions made on this machine."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from foretype.model import atomic, learning_curve
from foretype.model.errors import UserError
from foretype.model.named_path import NamedPath
from foretype.model.registry import data_dir
from foretype.server import ledger_file
from foretype.server.ledger import FILE_NAME
from foretype.server.statistics import Statistics, read
from foretype.server.statistics_tables import NOTHING, Table, tables

_LONGEST_DAYS = 12
"""Days in the terminal, the newest; the page has all."""


@click.command()
@click.option("--days", type=click.IntRange(1, ledger_file.OLDEST_DAYS), metavar="N", help="Only the last N days.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--html",
    type=NamedPath(dir_okay=False, readable=False),
    metavar="FILE",
    help="Write a page with charts, for a browser.",
)
@click.option("--reset", is_flag=True, help="Delete all that was recorded.")
def command(days: int | None, as_json: bool, html: Path | None, reset: bool) -> None:
    """Tell what was suggested and what became of it; it was recorded, and stays, on this machine.

    What each column means is in docs/evaluation.md.
    """
    path = data_dir() / FILE_NAME
    if reset:
        if html is not None or days is not None:
            raise click.UsageError("--reset deletes all there is; it goes with neither --days nor --html")
        ledger_file.reset(path)
        click.echo(json.dumps({"reset": True}) if as_json else "the ledger is empty")
        return
    statistics = read(path, None if days is None else _midnight(days))
    if html is not None:
        _write_page(html, statistics)
    if as_json:
        click.echo(json.dumps(_report(statistics)))
    elif html is not None:
        click.echo(f"{html}: {NOTHING}" if statistics.empty else f"{html} written")
    else:
        _print(statistics)


def _midnight(days: int) -> int:
    """Return when the first of the last days began, today being one of them."""
    first = date.today() - timedelta(days=days - 1)
    return int(datetime(first.year, first.month, first.day).timestamp())


def _write_page(file: Path, statistics: Statistics) -> None:
    from foretype.server.statistics_page import page  # brings a library that draws

    try:
        atomic.write_file(file, page(statistics, learning_curve.read_all(data_dir())).encode())
    except OSError as error:
        raise UserError(f"{file} could not be written: {error}; name another file") from error


def _report(statistics: Statistics) -> dict[str, Any]:
    return {
        "since": statistics.since,
        "empty": statistics.empty,
        "total": asdict(statistics.total),
        "languages": {name: asdict(part) for name, part in statistics.languages.items()},
        "days": {day.isoformat(): asdict(part) for day, part in statistics.days.items()},
    }


def _print(statistics: Statistics) -> None:
    if statistics.empty:
        click.echo(NOTHING)
        return
    blocks = [_lines(table) for table in tables(statistics, most_days=_LONGEST_DAYS)]
    click.echo("\n\n".join("\n".join(lines) for lines in blocks))


def _lines(table: Table) -> list[str]:
    """Return a table's lines: the first column to the left, the others, numbers, to the right."""
    rows = [table.header, *table.rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [click.style(table.title, bold=True)]
    for first, *others in rows:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return lines
