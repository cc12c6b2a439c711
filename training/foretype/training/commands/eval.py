"""`foretype eval`: how good the model is on files that it does not know, beside well-known predictors."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Literal

import click

from foretype.model import mixture, segment
from foretype.model.errors import UserError
from foretype.model.registry import Registry
from foretype.model.suggest import SuggestOptions
from foretype.training import corpus
from foretype.training.corpus import Corpus, SourceFile

_TYPISTS = ((0.25, False), (0.5, False), (0.75, False), (0.5, True))
"""Eagerness, and whether suggestions are accepted by words."""


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--split", type=click.Choice(["files", "git"]), default="files", show_default=True)
@click.option("--holdout", type=click.FloatRange(0, 1, True, True), default=0.1, show_default=True)
@click.option("--characters", type=click.IntRange(1), default=4000, show_default=True, help="How many are typed.")
@click.option("--model", metavar="NAME|PATH", help="Model to judge; by default the current one.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    paths: tuple[Path, ...],
    split: Literal["files", "git"],
    holdout: float,
    characters: int,
    model: str | None,
    seed: int,
    as_json: bool,
) -> None:
    """Hold files out, remember the rest, then score and type the held-out ones; nothing is learnt.

    `--split git` holds out the files that were committed last.
    """
    found = corpus.read(paths)
    known, held_out = found.split(holdout) if split == "files" else _newest(found, paths, holdout)
    report = _evaluate(known, held_out, characters, model, seed)
    if as_json:
        click.echo(json.dumps(report))
    else:
        _print(report)


def _evaluate(known: Corpus, held_out: Corpus, characters: int, model: str | None, seed: int) -> dict[str, Any]:
    from foretype.training import baselines
    from foretype.training.evaluation import score_files, type_files

    engine = Registry.default().find(model).engine()
    constants = mixture.shipped()
    memory = segment.build([(file.key, file.text) for file in known.files])
    project = [(memory, memory.mask([]))]
    others = baselines.all_of([file.text for file in known.files])
    scores = score_files(held_out.files, project, engine, constants, others)
    typing = []
    for eagerness, by_words in _TYPISTS:
        options = SuggestOptions(eagerness=eagerness, seed=seed)
        tally = type_files(held_out.files, project, engine, constants, options, characters, by_words=by_words)
        typing.append(
            {
                "eagerness": eagerness,
                "accepted_by": "words" if by_words else "whole",
                "characters_saved": round(tally.saved_share, 4),
                "precision": round(tally.precision, 4),
                "shows_per_1000": round(tally.shows_per_1000, 1),
                "latency_ms": {"p50": round(tally.latency_ms(0.5), 2), "p99": round(tally.latency_ms(0.99), 2)},
            }
        )
    bits = {
        name: {"mean": round(scores.per_byte(name), 4), "interval": [round(end, 4) for end in scores.interval(name)]}
        for name in scores.bits
    }
    return {
        "known": {"files": len(known.files), "bytes": known.nbytes},
        "held_out": {"files": len(held_out.files), "bytes": held_out.nbytes},
        "bits_per_byte": bits,
        "typing": typing,
    }


def _print(report: dict[str, Any]) -> None:
    known, held_out = report["known"], report["held_out"]
    click.echo(
        f"{held_out['files']} files ({held_out['bytes']} bytes) held out, {known['files']} ({known['bytes']}) known\n"
    )
    click.echo("bits per byte, with its 95 % interval over files")
    for name, row in sorted(report["bits_per_byte"].items(), key=lambda item: float(item[1]["mean"])):
        click.echo(
            f"  {name.replace('_', ' '):18} {row['mean']:.3f}  [{row['interval'][0]:.3f}, {row['interval'][1]:.3f}]"
        )
    click.echo("\neagerness  accepts  saved  precision  shows per 1000   p50 ms   p99 ms")
    for row in report["typing"]:
        latency = row["latency_ms"]
        saved, precision = f"{row['characters_saved']:6.1%}", f"{row['precision']:10.2f}"
        shows = f"{row['shows_per_1000']:15.0f}"
        how = f"{row['eagerness']:9} {row['accepted_by']:>8}"
        click.echo(f"{how} {saved} {precision} {shows} {latency['p50']:8.1f} {latency['p99']:8.1f}")


def _newest(found: Corpus, paths: tuple[Path, ...], holdout: float) -> tuple[Corpus, Corpus]:
    """Return (known, held out): the files that were committed last are held out."""
    times = {path: time for root in paths for path, time in _commit_times(root.resolve()).items()}
    dated = [file for file in found.files if file.path in times]
    if len(dated) < 2:
        raise UserError("--split git needs folders of a git repository with at least two committed text files")
    ranked: list[SourceFile] = sorted(dated, key=lambda file: (times[file.path], file.key))
    count = min(max(1, round(holdout * len(ranked))), len(ranked) - 1)
    newest = set(ranked[-count:])
    return Corpus(tuple(file for file in found.files if file not in newest)), Corpus(tuple(ranked[-count:]))


def _commit_times(root: Path) -> dict[Path, int]:
    """Return when each file below `root` was last committed, in seconds."""
    folder = root if root.is_dir() else root.parent
    command = ["git", "-C", str(folder), "log", "--format=%x00%ct", "--name-only", "--relative", "-z"]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise UserError(f"--split git: {root} is in no git repository, or git is missing") from None
    times: dict[Path, int] = {}
    time = 0
    for field in done.stdout.decode("utf-8", "surrogateescape").split("\0"):
        name = field.strip("\n")
        if name.isdigit():
            time = int(name)
        elif name:
            times.setdefault(folder / name, time)
    return times
