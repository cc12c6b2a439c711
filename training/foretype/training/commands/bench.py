"""`foretype bench`: how fast engine and server are on this machine."""

from __future__ import annotations

import json
from typing import Any

import click

from foretype.training.bench import measure


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(as_json: bool) -> None:
    """Measure engine, server and key presses; leave the machine alone meanwhile."""
    figures = {group: {name: round(value, 3) for name, value in values.items()} for group, values in measure().items()}
    click.echo(json.dumps(figures) if as_json else _table(figures))


def _table(figures: dict[str, dict[str, Any]]) -> str:
    engine, server, keystroke = figures["engine"], figures["server"], figures["keystroke"]
    return "\n".join(
        [
            f"step            {engine['step_us']:8.0f} us  ({engine['torch_step_us'] / engine['step_us']:.2f} x "
            f"torch's {engine['torch_step_us']:.0f} us; {engine['bound_us'] / engine['step_us']:.0%} of the bound, "
            f"{engine['weight_bytes'] / 1e6:.1f} MB at {engine['stream_gb_per_s']:.1f} GB/s = "
            f"{engine['bound_us']:.0f} us)",
            f"four lanes      {engine['step_4_lanes_us']:8.0f} us",
            f"prefill         {engine['prefill_us_per_byte']:8.0f} us per byte",
            f"initialize      {server['initialize_ms']:8.0f} ms from spawn",
            f"first answer    {server['first_suggestion_ms']:8.0f} ms from spawn",
            f"memory          {server['rss_mb']:8.0f} MB",
            f"key to answer   {keystroke['p50_ms']:8.1f} ms p50, {keystroke['p99_ms']:.1f} ms p99",
        ]
    )
