"""`foretype compare`: a Markov chain, networks, a transformer, PPMd and Foretype itself on the same text."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foretype.model import atomic, mixture, segment
from foretype.model.finite import Finite
from foretype.model.named_path import NamedPath
from foretype.model.registry import Registry
from foretype.training import corpus, threads

if TYPE_CHECKING:
    from foretype.model.checkpoint import Checkpoint
    from foretype.training.comparison import Row
    from foretype.training.contenders import Contender
    from foretype.training.corpus import Corpus

_DEFAULT_MINUTES = 2.0
_PPMD_ORDER = 16
_LINES = 40
_COLUMNS = ("bits per byte", "saved", "exact lines", "similarity", "size kB", "learnt in s", "us per character")


@click.command()
@click.argument("path", type=NamedPath())
@click.option(
    "--minutes",
    type=Finite(0, min_open=True),
    default=_DEFAULT_MINUTES,
    show_default=True,
    help="Training time of each network.",
)
@click.option("--model", metavar="NAME|PATH", help="Foretype's network; by default the current one.")
@click.option("--picture", type=NamedPath(dir_okay=False, readable=False), help="Draw the bits per byte to an SVG.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same run.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(path: Path, minutes: float, model: str | None, picture: Path | None, seed: int, as_json: bool) -> None:
    """Learn the files of a folder in several ways, then predict, finish and type files that were held out."""
    threads.settle()
    ours = Registry.default().find(model)  # one that is not there should not cost the training of the others first
    known, held_out = corpus.read([path]).split()
    rows = _rows(known, held_out, minutes, ours, seed)
    if as_json:
        sizes = {"known": known.nbytes, "held_out": held_out.nbytes, "minutes": minutes}
        click.echo(json.dumps({**sizes, "rows": [_rounded(row) for row in rows]}))
    else:
        _print(rows)
    if picture is not None:
        from foretype.training.comparison_chart import chart

        atomic.write_file(picture, chart(rows).encode())


def _rows(known: Corpus, held_out: Corpus, minutes: float, ours: Checkpoint, seed: int) -> list[Row]:
    from foretype.training.comparison import judge, judge_ppmd
    from foretype.training.contenders import contenders
    from foretype.training.line_completion import cuts
    from foretype.training.progress import ProgressLine
    from foretype.training.train_config import TrainConfig

    places = cuts(held_out.files, _LINES, seed)
    rows = [judge_ppmd(known.files, held_out.files, _PPMD_ORDER)]
    with ProgressLine() as progress:
        for one in contenders(known.files, TrainConfig(minutes=minutes, seed=seed), progress.share):
            progress.note(f"{one.name} has learnt")
            rows.append(judge(one, held_out.files, places))
        rows.append(judge(_foretype(known, ours), held_out.files, places))
    return sorted(rows, key=lambda row: row.bits_per_byte)


def _foretype(known: Corpus, checkpoint: Checkpoint) -> Contender:
    from foretype.training.contenders import whole

    began = time.perf_counter()
    memory = segment.build([(file.key, file.text) for file in known.files])
    seconds = time.perf_counter() - began
    nbytes = sum(array.nbytes for array in memory.arrays.values()) + checkpoint.graph_bytes
    return whole(checkpoint.engine(), mixture.shipped(), [(memory, memory.mask([]))], nbytes, seconds)


def _rounded(row: Row) -> dict[str, object]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(row).items()}


def _print(rows: list[Row]) -> None:
    click.echo("".join([" " * 12, *(f"{column:>18}" for column in _COLUMNS)]))
    for row in rows:
        cells = (
            f"{row.bits_per_byte:.3f}",
            _percent(row.characters_saved),
            _percent(row.exact_match),
            _percent(row.edit_similarity),
            f"{row.nbytes / 1e3:.0f}",
            f"{row.train_seconds:.1f}",
            f"{row.microseconds_per_character:.0f}",
        )
        click.echo("".join([f"{row.name:12}", *(f"{cell:>18}" for cell in cells)]))


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
