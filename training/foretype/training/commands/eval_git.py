"""`foretype eval --split git`: what would have been saved while a repository was written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from foretype.model import mixture
from foretype.model.checkpoint import Checkpoint
from foretype.model.errors import UserError
from foretype.model.registry import BASE_NAME, Registry
from foretype.model.suggest import SuggestOptions
from foretype.training import replay
from foretype.training.git import Repository
from foretype.training.replay import Replay, ReplayConfig, Replayed, Today


def evaluate(path: Path, model: str | None, chosen: dict[str, Any], *, as_json: bool) -> None:
    """Replay the history around `path` and print what came of it."""
    found = Registry.default().find(model)
    with Repository(path) as repository:
        replaying = Replay(repository, ReplayConfig(_folder(repository, path), **chosen))
        if not replaying.chosen:
            raise UserError(
                f"none of {_commits(replaying.considered)} added text by hand below {path}; name another folder"
            )
        options = SuggestOptions(seed=chosen.get("seed", 0))
        rows = _run(replaying, Today(found.engine(), mixture.shipped(), options, found.sources()))
    if not rows:
        raise UserError(f"all that was added below {path} is in files without suggestions: ignored, or named like keys")
    report = {"split": "git", "model": _name(found), "learnt_from_repository": replaying.knew_network}
    report |= _figures(rows, chosen.get("seed", 0))
    _warn(_name(found), replaying.knew_network)
    if as_json:
        click.echo(json.dumps(report))
    else:
        _print(report)


def _warn(name: str, knew: bool | None) -> None:
    """Say so if the figures are too good to be true, or may be."""
    advice = f"--model {BASE_NAME} knows none of your files"
    if knew:
        click.echo(
            f"foretype: {name} has learnt from files of this repository, so it has seen the future; {advice}", err=True
        )
    elif knew is None and name != BASE_NAME:
        click.echo(f"foretype: {name} does not say what it learnt from, this repository perhaps; {advice}", err=True)


def _folder(repository: Repository, path: Path) -> str:
    if not path.is_dir():
        raise UserError(f"--split git takes a folder, got the file {path}")
    try:
        below = path.resolve().relative_to(repository.top).as_posix()
    except ValueError:  # the folder with git's own files
        return ""
    return "" if below == "." else f"{below}/"


def _name(found: Checkpoint) -> str:
    if found.folder.name == BASE_NAME:
        return BASE_NAME
    return f"{found.folder.parent.name} {found.folder.name}"


def _run(replaying: Replay, today: Today) -> list[Replayed]:
    console = Console(stderr=True, highlight=False)
    bar = Progress(
        TextColumn("typing what was added"), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=len(replaying.chosen))
        return list(replaying.run(today, lambda: bar.advance(task)))


def _figures(rows: Sequence[Replayed], seed: int) -> dict[str, Any]:
    low, high = replay.saved_interval(rows, seed)
    whole = _part(rows)
    return {
        "commits": whole.pop("commits"),
        "typed": whole.pop("typed"),
        "saved": whole.pop("saved"),
        "saved_low": round(low, 4),
        "saved_high": round(high, 4),
        **whole,
        "weeks": [{"week": week, **_part(found)} for week, found in replay.grouped(rows, lambda one: one.week).items()],
        "languages": {name: _part(found) for name, found in replay.grouped(rows, lambda one: one.language).items()},
    }


def _part(rows: Sequence[Replayed]) -> dict[str, Any]:
    outcome = replay.total(rows)
    tally = outcome.tally
    return {
        "commits": len({one.commit for one in rows}),
        "typed": tally.characters,
        "saved": round(tally.saved_share, 4),
        "precision": round(tally.precision, 4),
        "shows_per_1000": round(tally.shows_per_1000, 1),
        "bits_per_byte": round(outcome.bits / outcome.nbytes, 4),
    }


def _print(report: dict[str, Any]) -> None:
    low, high = report["saved_low"], report["saved_high"]
    click.echo(
        f"{report['typed']} characters, added by {_commits(report['commits'])}, typed again with {report['model']}: "
        f"{report['saved']:.1%} saved [{low:.1%}, {high:.1%}]\n"
    )
    width = max(map(len, ["language", "2026-W01", "total", *report["languages"]]))
    head = f"{'commits':>8} {'typed':>8} {'saved':>7} {'precision':>10} {'shows per 1000':>15} {'bits per byte':>14}"
    click.echo(f"{'week':{width}} {head}")
    for row in report["weeks"]:
        click.echo(_line(row["week"], row, width))
    click.echo(f"\n{'language':{width}} {head}")
    for name, row in report["languages"].items():
        click.echo(_line(name, row, width))
    click.echo(_line("total", report, width))


def _commits(number: int) -> str:
    return "1 commit" if number == 1 else f"{number} commits"


def _line(name: str, row: dict[str, Any], width: int) -> str:
    return (
        f"{name:{width}} {row['commits']:8} {row['typed']:8} {row['saved']:7.1%} {row['precision']:10.2f} "
        f"{row['shows_per_1000']:15.0f} {row['bits_per_byte']:14.3f}"
    )
