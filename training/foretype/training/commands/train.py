"""`foretype train`: learn from files and folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foretype.model.config import CELLS, Config
from foretype.model.errors import UserError
from foretype.model.registry import Registry
from foretype.training import threads
from foretype.training.remember import Remembered, remember
from foretype.training.train_config import TrainConfig

if TYPE_CHECKING:
    from foretype.training.learn import Learnt

_DEFAULT_MINUTES = 10.0
_DEFAULT_HIDDEN = 512
_DEFAULT_LAYERS = 2


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--name", help="Model to make a version of; by default the current one.")
@click.option("--from", "start_from", default="scratch", show_default=True, metavar="base|scratch|NAME")
@click.option("--cell", type=click.Choice(CELLS), help="Recurrence of a fresh network; default lstm.")
@click.option("--hidden", type=click.IntRange(1, 8192), help="Width of a fresh network.")
@click.option("--layers", type=click.IntRange(1, 16), help="Layers of a fresh network.")
@click.option("--unit", type=click.Choice(["byte", "word"]), default="byte", show_default=True)
@click.option("--minutes", type=click.FloatRange(0), help=f"Time limit; default {_DEFAULT_MINUTES:g}.")
@click.option("--epochs", type=click.FloatRange(0, min_open=True), help="Passes over the text.")
@click.option("--resume", is_flag=True, help="Go on with the run that was interrupted.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--plan", "plan_only", is_flag=True, help="Say what would be read and what not; learn nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    paths: tuple[Path, ...],
    name: str | None,
    start_from: str,
    cell: str | None,
    hidden: int | None,
    layers: int | None,
    unit: str,
    minutes: float | None,
    epochs: float | None,
    resume: bool,
    seed: int,
    plan_only: bool,
    as_json: bool,
) -> None:
    """Learn from files and folders; what is learnt serves once it predicts held-out files better."""
    if plan_only:
        _show_corpus(paths, as_json)
        return
    registry = _checked_registry(unit, start_from, name, _config(cell, hidden, layers))
    remembered = remember(paths)
    if minutes == 0:
        click.echo(json.dumps(_memory_report(remembered)) if as_json else remembered.sentence())
        return
    minutes = _DEFAULT_MINUTES if minutes is None and epochs is None and not resume else minutes
    threads.wait_actively()
    from foretype.training.learn import learn
    from foretype.training.plan import Plan
    from foretype.training.progress import ProgressLine

    plan = Plan(
        paths=paths,
        train_config=TrainConfig(minutes=minutes, epochs=epochs, seed=seed) if minutes or epochs else None,
        name=name,
        config=_config(cell, hidden, layers),
        start_from=None if start_from == "scratch" else start_from,
        resume=resume,
    )
    with ProgressLine() as progress:
        if remembered.files:
            progress.note(remembered.sentence())
        learnt = learn(plan, registry, progress)
    if learnt.promoted:
        registry.use(learnt.name)
    click.echo(json.dumps(_report(learnt, remembered)) if as_json else _sentence(learnt))


def _checked_registry(unit: str, start_from: str, name: str | None, config: Config | None) -> Registry:
    """Return the registry, having refused what cannot be done: a mistake should cost nothing."""
    _check(unit, start_from, config)
    registry = Registry.default()
    if name is not None:
        registry.versions(name)
    return registry


def _show_corpus(paths: tuple[Path, ...], as_json: bool) -> None:
    from foretype.training import corpus, corpus_report

    found = corpus.survey(paths)
    click.echo(json.dumps(corpus_report.report(found)) if as_json else "\n".join(corpus_report.lines(found)))


def _check(unit: str, start_from: str, config: Config | None) -> None:
    if unit == "word":
        raise UserError("--unit word is not there yet; leave it out to learn bytes")
    if start_from != "scratch" and config is not None:
        raise UserError(f"--from {start_from} brings a shape; leave out --cell, --hidden and --layers")


def _config(cell: str | None, hidden: int | None, layers: int | None) -> Config | None:
    if cell is None and hidden is None and layers is None:
        return None
    return Config(
        cell=cell or "lstm",  # type: ignore[arg-type]  # click lets only cells through
        n_layer=layers or _DEFAULT_LAYERS,
        d_model=hidden or _DEFAULT_HIDDEN,
    )


def _memory_report(remembered: Remembered) -> dict[str, object]:
    return {
        "name": None,
        "version": None,
        "promoted": False,
        "memory": remembered.report(),
        "held_out": {"before": None, "after": None},
        "seconds": round(remembered.seconds, 3),
    }


def _report(learnt: Learnt, remembered: Remembered) -> dict[str, object]:
    return {
        "name": learnt.name,
        "version": learnt.version,
        "promoted": learnt.promoted,
        "memory": remembered.report(),
        "held_out": {"before": round(learnt.before, 4), "after": round(learnt.after, 4)},
        "seconds": round(learnt.seconds, 2),
    }


def _sentence(learnt: Learnt) -> str:
    verdict = "serves now" if learnt.promoted else "does not serve: it is no better"
    return (
        f"{learnt.name} {learnt.version} {verdict}: {learnt.before:.3f} -> {learnt.after:.3f} "
        f"bits per byte on held-out files, {learnt.seconds:.0f} s"
    )
