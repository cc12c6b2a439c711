"""`foretype train`: learn from files and folders."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

import click

from foretype.model.config import CELLS, UNITS, Config, Unit
from foretype.model.errors import UserError
from foretype.model.finite import Finite
from foretype.model.named_path import NamedPath
from foretype.model.registry import BASE_NAME, Registry
from foretype.training import threads
from foretype.training.plan import DEVICES, SCRATCH, Plan, options_from
from foretype.training.processes import Processes, joined, of_torchrun
from foretype.training.remember import Remembered, remember
from foretype.training.train_config import TrainConfig

if TYPE_CHECKING:
    from foretype.training.learn import Learnt

_DEFAULT_MINUTES = 10.0
_PATIENCE_SECONDS = 2.0
_DEFAULT_HIDDEN = 512
_DEFAULT_LAYERS = 2


@click.command()
@click.argument("paths", nargs=-1, required=True, type=NamedPath(), metavar="PATH...")
@click.option(
    "--name", help="Model to make a version of; by default the current one, `default` where that is the base."
)
@click.option(
    "--from",
    "start_from",
    metavar="base|scratch|NAME",
    help="Model to adapt; default base, the model itself if it reads words, scratch where the shape is given.",
)
@click.option("--cell", type=click.Choice(CELLS), help="Recurrence of a fresh network; default lstm.")
@click.option("--hidden", type=click.IntRange(1, 8192), help="Width of a fresh network.")
@click.option("--layers", type=click.IntRange(1, 16), help="Layers of a fresh network.")
@click.option("--unit", type=click.Choice(UNITS), help="What a fresh network reads; default byte. See docs/words.md.")
@click.option("--minutes", type=Finite(0), help=f"Time limit; default {_DEFAULT_MINUTES:g}.")
@click.option("--epochs", type=Finite(0, min_open=True), help="Passes over the text.")
@click.option(
    "--windows",
    type=click.IntRange(2),
    metavar="N",
    help="Learn from windows of N bytes (or words), each from a zero state; else state is carried along the text.",
)
@click.option("--device", type=click.Choice(DEVICES), default="auto", show_default=True, help="Where to train.")
@click.option("--resume", is_flag=True, help="Go on with the run that was interrupted.")
@click.option("--seed", type=click.IntRange(0), help="The same seed gives the same run; default 0.")
@click.option("--controlled", is_flag=True, hidden=True)  # by a server: see control.py
@click.option("--plan", "plan_only", is_flag=True, help="Say what would be read and what not; learn nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    paths: tuple[Path, ...],
    name: str | None,
    start_from: str | None,
    cell: str | None,
    hidden: int | None,
    layers: int | None,
    unit: Unit | None,
    minutes: float | None,
    epochs: float | None,
    windows: int | None,
    device: str,
    resume: bool,
    seed: int | None,
    controlled: bool,
    plan_only: bool,
    as_json: bool,
) -> None:
    """Learn from files and folders; what is learnt serves once it predicts held-out files better.

    Under `torchrun` several processes, on one machine or on many, share every step.
    """
    if plan_only:
        _show_corpus(paths, as_json)
        return
    if resume and windows is not None:
        raise UserError("an interrupted run goes on with the windows or the carried state it had; leave out --windows")
    config = _config(cell, hidden, layers)
    registry = Registry.default()
    begins_from = _usual_start(unit, name, config, registry) if start_from is None else start_from
    _check(unit, begins_from, name, config, registry)
    processes = of_torchrun()
    if minutes == 0:
        if processes.is_first:
            _remember(paths, as_json)
        return
    minutes = _DEFAULT_MINUTES if minutes is None and epochs is None and not resume else minutes
    options = _options(begins_from, minutes, epochs, windows, seed or 0) if minutes or epochs else None
    plan = Plan(paths, options, name, config, unit, resume, serve=True, device=device, seed=seed, start_from=start_from)
    notes = [line] if (line := threads.settle()) else []
    if processes.is_first:
        _lead(plan, registry, processes, controlled, as_json, notes)
    else:
        _follow(plan, registry, processes)


def _lead(
    plan: Plan, registry: Registry, processes: Processes, controlled: bool, as_json: bool, notes: Sequence[str]
) -> None:
    """Learn in the first process; `notes` are told where learning can begin at all."""
    from foretype.training.control import Controlled
    from foretype.training.learn import learn
    from foretype.training.progress import ProgressLine

    remembered = _remembered(plan.paths)
    told = [remembered.sentence()] if remembered.files else []
    with ProgressLine([*notes, *told]) as progress, joined(processes):
        learnt = learn(plan, registry, Controlled(progress, sys.stdin) if controlled else progress, processes)
    click.echo(json.dumps(_report(learnt, remembered)) if as_json else _sentence(learnt))


def _remembered(paths: Sequence[Path]) -> Remembered:
    """Remember, and say so where it takes long."""
    names = ", ".join(map(str, paths))
    patience = Timer(_PATIENCE_SECONDS, lambda: click.echo(f"remembering {names}", err=True))
    patience.start()
    try:
        return remember(paths)
    finally:
        patience.cancel()


def _follow(plan: Plan, registry: Registry, processes: Processes) -> None:
    from foretype.training.learn import assist

    with joined(processes):
        assist(plan, registry, processes)


def _usual_start(unit: Unit | None, name: str | None, config: Config | None, registry: Registry) -> str:
    """Return what a run goes on from if nothing is said: what reads words would become another model by the base."""
    if config is not None or unit == "word":
        return SCRATCH
    chosen = name or registry.trained_name()
    if unit is None and registry.promoted(chosen) and registry.unit(chosen) == "word":
        return chosen
    return BASE_NAME


def _check(unit: Unit | None, start_from: str, name: str | None, config: Config | None, registry: Registry) -> None:
    """Refuse what cannot be done: a mistake should cost nothing."""
    if start_from != SCRATCH:
        _check_start(unit, start_from, config, registry)
    if name is not None:
        registry.versions(name)


def _remember(paths: tuple[Path, ...], as_json: bool) -> None:
    remembered = remember(paths)
    click.echo(json.dumps(_memory_report(remembered)) if as_json else remembered.sentence())


def _show_corpus(paths: tuple[Path, ...], as_json: bool) -> None:
    from foretype.training import corpus, corpus_report

    found = corpus.survey(paths)
    click.echo(json.dumps(corpus_report.report(found)) if as_json else "\n".join(corpus_report.lines(found)))


def _check_start(unit: Unit | None, start_from: str, config: Config | None, registry: Registry) -> None:
    if config is not None:
        raise UserError(f"--from {start_from} brings a shape; leave out --cell, --hidden and --layers")
    has = registry.find(start_from).config.unit
    if unit not in (None, has):
        raise UserError(f"{start_from} reads {has}s and cannot be adapted to read {unit}s; leave out --from or --unit")


def _options(
    start_from: str, minutes: float | None, epochs: float | None, windows: int | None, seed: int
) -> TrainConfig:
    limits: dict[str, Any] = {"minutes": minutes, "epochs": epochs, "seed": seed}
    options = options_from(start_from, **limits)
    return options if windows is None else replace(options, seq_len=windows, carry_state=False)


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
        "serves": False,
        "memory": remembered.report(),
        "held_out": {"before": None, "after": None},
        "seconds": round(remembered.seconds, 3),
    }


def _report(learnt: Learnt, remembered: Remembered) -> dict[str, object]:
    return {
        "name": learnt.name,
        "version": learnt.version,
        "promoted": learnt.promoted,
        "serves": learnt.serves,
        "memory": remembered.report(),
        "held_out": {"before": round(learnt.before, 4), "after": round(learnt.after, 4)},
        "generic": learnt.generic and {name: round(bits, 4) for name, bits in asdict(learnt.generic).items()},
        "seconds": round(learnt.seconds, 2),
    }


def _sentence(learnt: Learnt) -> str:
    verdict = "serves now" if learnt.serves else "does not serve: it is no better"
    return (
        f"{learnt.name} {learnt.version} {verdict}: {learnt.before:.3f} -> {learnt.after:.3f} "
        f"bits per byte on held-out files, {learnt.seconds:.0f} s"
    )
