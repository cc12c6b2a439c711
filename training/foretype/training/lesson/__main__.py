"""`python -m foretype.training.lesson`: make the pictures and figures of docs/lesson.md."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from foretype.training import corpus, threads

_PATH = click.argument("path", type=click.Path(exists=True, path_type=Path))
_WIDTH = click.option("--width", type=click.IntRange(1), default=128, show_default=True, help="Of every network.")
_EPOCHS = click.option(
    "--epochs", type=click.FloatRange(0, min_open=True), default=2, show_default=True, help="Passes over the text."
)


@click.group()
def main() -> None:
    """Make what docs/lesson.md shows."""


@main.command("windows")
@_PATH
@_WIDTH
@_EPOCHS
@click.option("--seq-len", type=click.IntRange(2), default=64, show_default=True, help="Bytes of a window.")
@click.option("--seeds", type=click.IntRange(1), default=5, show_default=True, help="Runs of each kind.")
def windows_command(path: Path, width: int, epochs: float, seq_len: int, seeds: int) -> None:
    """Compare learning from windows with learning from streams, in equal steps and bytes; print JSON."""
    threads.settle()
    from foretype.training.lesson.small_networks import carried_and_not, ratio

    known, held_out = corpus.read([path]).split()
    streams, windows = [], []
    for seed in range(seeds):
        pair = carried_and_not(known.files, held_out.files, width, epochs, seq_len, seed)
        streams.append(pair[0])
        windows.append(pair[1])
        click.echo(f"seed {seed}: {sum(pair[0].bits):.0f} and {sum(pair[1].bits):.0f} bits", err=True)
    found, interval = ratio(windows, streams)
    report = {
        "known": known.nbytes,
        "held_out": held_out.nbytes,
        "seq_len": seq_len,
        "bits_per_byte": {
            name: [round(sum(pupil.bits) / held_out.nbytes, 4) for pupil in pupils]
            for name, pupils in (("streams", streams), ("windows", windows))
        },
        "ratio": round(found, 4),
        "interval": [round(end, 4) for end in interval],
    }
    click.echo(json.dumps(report))


if __name__ == "__main__":
    sys.exit(main())
