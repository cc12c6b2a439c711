"""`foretype eval`: how good the model is on files that it does not know, beside well-known predictors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import click

from foretype.model import mixture, segment
from foretype.model.errors import UserError
from foretype.model.finite import Finite
from foretype.model.named_path import NamedPath
from foretype.model.registry import Registry
from foretype.model.suggest import SuggestOptions
from foretype.training import corpus
from foretype.training.corpus import Corpus

_TYPISTS = ((0.25, False), (0.5, False), (0.75, False), (0.5, True))
"""Eagerness, and whether suggestions are accepted by words."""

_HOLDOUT = 0.1
_CHARACTERS = 4000


@click.command()
@click.argument("paths", nargs=-1, required=True, type=NamedPath(), metavar="PATH...")
@click.option(
    "--split", type=click.Choice(["files", "git"]), default="files", show_default=True, help="What is held out."
)
@click.option("--holdout", type=Finite(0, 1, True, True), help="Share of the files; default 0.1.")
@click.option(
    "--characters", type=click.IntRange(1), help="How many are typed, default 4000; or of each commit, default 400."
)
@click.option("--weeks", type=click.IntRange(1), help="Only the last weeks up to the newest commit.")
@click.option("--max-commits", type=click.IntRange(1), help="How many commits, chosen at random; default 100.")
@click.option("--model", metavar="NAME|PATH", help="Model to judge; by default the current one.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same run.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    paths: tuple[Path, ...],
    split: Literal["files", "git"],
    holdout: float | None,
    characters: int | None,
    weeks: int | None,
    max_commits: int | None,
    model: str | None,
    seed: int,
    as_json: bool,
) -> None:
    """Judge the model on text that it does not know; nothing is learnt.

    `--split files` holds files out, remembers the rest, then scores and types those. `--split git` types again what the
    commits of the repository around PATH added below it, each with the memory of its parent commit; docs/evaluation.md.
    """
    if split == "git":
        if len(paths) != 1 or holdout is not None:
            raise UserError("--split git takes one PATH, and no --holdout: every commit is held out from those before")
        from foretype.training.commands.eval_git import evaluate

        chosen = {"weeks": weeks, "max_commits": max_commits, "characters": characters, "seed": seed}
        evaluate(paths[0], model, {name: value for name, value in chosen.items() if value is not None}, as_json=as_json)
        return
    if weeks is not None or max_commits is not None:
        raise UserError("--weeks and --max-commits are for --split git")
    known, held_out = corpus.read(paths).split(_HOLDOUT if holdout is None else holdout)
    report = _evaluate(known, held_out, characters or _CHARACTERS, model, seed)
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
    click.echo(f"scoring {held_out.summary()}", err=True)
    scores = score_files(held_out.files, project, engine, constants, others)
    typing = []
    for eagerness, by_words in _TYPISTS:
        click.echo(f"typing {characters} characters, eagerness {eagerness}", err=True)
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
