"""`foretype bench`: how fast everything is on this machine."""

from __future__ import annotations

import json
from pathlib import Path

import click

from foretype.model import atomic
from foretype.model.finite import Finite
from foretype.model.named_path import NamedPath
from foretype.training.bench import curve_picture, report, scale
from foretype.training.bench.project import library


@click.command()
@click.option(
    "--curves",
    type=NamedPath(file_okay=False),
    help="Measure what grows with documents, memories and clients instead, and draw it into this folder.",
)
@click.option(
    "--corpus",
    type=NamedPath(exists=True, file_okay=False),
    help="Text for the memories of --curves, up to 500 MB; by default Python's own library.",
)
@click.option(
    "--share",
    type=Finite(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="How much of the largest sizes of --curves to go up to.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(curves: Path | None, corpus: Path | None, share: float, as_json: bool) -> None:
    """Measure engine, server, key presses, memory and training; leave the machine alone meanwhile."""
    if curves is not None:
        _draw(curves, corpus or library(), share, as_json)
        return
    figures = {
        group: {name: round(value, 3) for name, value in values.items()} for group, values in report.measure().items()
    }
    click.echo(json.dumps(figures) if as_json else "\n".join(report.lines(figures)))


def _draw(folder: Path, corpus: Path, share: float, as_json: bool) -> None:
    rows = {}
    for curve in scale.measure(corpus, share):
        atomic.write_file(folder / f"scale-{curve.name}.png", curve_picture.draw(curve))
        rows[curve.name] = [{key: round(value, 3) for key, value in row.items()} for row in curve.rows]
        if not as_json:
            click.echo("\n".join([*curve.lines(), ""]))
    if as_json:
        click.echo(json.dumps(rows))
