"""`foretype bench`: how fast everything is on this machine."""

from __future__ import annotations

import json

import click

from foretype.training.bench.report import lines, measure


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(as_json: bool) -> None:
    """Measure engine, server, key presses, memory and training; leave the machine alone meanwhile."""
    figures = {group: {name: round(value, 3) for name, value in values.items()} for group, values in measure().items()}
    click.echo(json.dumps(figures) if as_json else "\n".join(lines(figures)))
