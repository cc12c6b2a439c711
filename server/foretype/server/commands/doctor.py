"""`foretype doctor`: is everything there and does it work, and what to do if not."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from foretype.server.doctor import examine


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(as_json: bool) -> int:
    """Look over the whole installation, with the network shut off, and say what to do."""
    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            click.echo(f"{'ok' if finding.works else 'NO':3} {finding.part:15} {finding.text}")
            if finding.advice:
                click.echo(f"{'':19} -> {finding.advice}")
    works = all(finding.works for finding in findings)
    if as_json:
        click.echo(json.dumps({"works": works, "findings": [asdict(finding) for finding in findings]}))
    return 0 if works else 1
