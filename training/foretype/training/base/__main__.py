"""`python -m foretype.training.base`: fetch the base model's packages and make shards of their text."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from foretype.model.config import CELLS
from foretype.model.errors import UserError
from foretype.model.language import language_of
from foretype.model.registry import data_dir
from foretype.training.base.build import build
from foretype.training.base.fetch import fetch
from foretype.training.base.manifest import Package, packages
from foretype.training.base.sitting import TRANSFORMER
from foretype.training.module_command import run

if TYPE_CHECKING:
    from foretype.model.checkpoint import Checkpoint
    from foretype.model.engine import Engine
    from foretype.training.base.projects import Project

_CONNECTIONS = 4

_ARCHIVES = click.option(
    "--archives", type=click.Path(path_type=Path), help="Folder of the archives; by default in the data directory."
)


@click.group()
def main() -> None:
    """Prepare the text that the base model learns from."""


@main.command("fetch")
@_ARCHIVES
def fetch_command(archives: Path | None) -> None:
    """Bring every package of the manifest that is not there yet, and check all of them."""
    folder = archives or data_dir() / "base" / "archives"
    wanted = packages()
    with (
        ThreadPoolExecutor(_CONNECTIONS) as pool,
        click.progressbar(
            pool.map(partial(_problem, folder), wanted), length=len(wanted), label="fetching", file=sys.stderr
        ) as problems,
    ):
        missing = [problem for problem in problems if problem]
    for line in missing:
        click.echo(line, err=True)
    click.echo(f"{len(wanted) - len(missing)} of {len(wanted)} packages are there")
    sys.exit(1 if missing else 0)


@main.command("build")
@_ARCHIVES
@click.option("--to", type=click.Path(path_type=Path), help="Folder to make; by default in the data directory.")
def build_command(archives: Path | None, to: Path | None) -> None:
    """Make shards of the packages' hand-written text."""
    folder = archives or data_dir() / "base" / "archives"
    target = to or data_dir() / "base" / "shards"
    wanted = packages()
    with click.progressbar(length=len(wanted), label="reading", item_show_func=_name, file=sys.stderr) as counted:
        built = build(wanted, folder, target, lambda package: counted.update(1, package))
    # not `asdict`, which cannot copy a Counter
    click.echo(json.dumps({field.name: getattr(built, field.name) for field in fields(built)}, indent=2))


@main.command("train")
@click.option("--shards", type=click.Path(path_type=Path), help="What `build` made; by default in the data directory.")
@click.option("--to", type=click.Path(path_type=Path), help="Folder of the run; by default in the data directory.")
@click.option("--minutes", type=float, required=True, help="Length of this sitting.")
@click.option("--decay", default=0.3, help="Share of it, at the end, in which the learning rate falls.")
@click.option("--cell", type=click.Choice([*CELLS, TRANSFORMER]), default="lstm", show_default=True)
@click.option("--layers", default=2)
@click.option("--hidden", default=512)
@click.option("--embed", default=64)
@click.option("--batch", default=64, help="Lanes, of all processes together.")
@click.option("--steps", default=128, help="Bytes a lane reads in one step.")
@click.option("--rate", default=3e-3, help="Learning rate of AdamW.")
@click.option("--muon", default=0.0, help="Learning rate of Muon for the recurrent matrices; 0 leaves them to AdamW.")
@click.option("--seed", default=0)
def train_command(shards: Path | None, to: Path | None, **options: Any) -> None:
    """Train on the shards; run under `torchrun` to share the work between processes."""
    from foretype.training.base.sitting import sit

    sit(shards or data_dir() / "base" / "shards", to or data_dir() / "base" / "run", **options)


@main.command("infill")
@click.option("--shards", type=click.Path(path_type=Path), help="What `build` made; by default in the data directory.")
@click.option("--model", required=True, type=click.Path(path_type=Path), help="Folder of the trained network.")
@click.option("--to", type=click.Path(path_type=Path), help="Folder of the run; by default in the data directory.")
@click.option("--minutes", type=float, required=True, help="Length of this sitting.")
@click.option("--decay", default=0.3, help="Share of it, at the end, in which the learning rate falls.")
@click.option("--encoder", default=192, show_default=True, help="Width of the encoder's state.")
@click.option("--mix", default=256, show_default=True, help="Width of what joins it with the network's state.")
@click.option("--reach", default=64, show_default=True, help="Bytes right of the caret that are read.")
@click.option("--rate", default=3e-3, show_default=True, help="Learning rate of AdamW.")
@click.option("--seed", default=0)
def infill_command(
    shards: Path | None,
    model: Path,
    to: Path | None,
    minutes: float,
    decay: float,
    encoder: int,
    mix: int,
    reach: int,
    rate: float,
    seed: int,
) -> None:
    """Train the encoder of what stands right of the caret, beside a network that stays as it is."""
    from foretype.training.base.infill import Sizes, sit
    from foretype.training.base.train import BaseConfig

    sizes = Sizes(d_encoder=encoder, d_mix=mix, reach=reach)
    options = BaseConfig(minutes=minutes, decay_share=decay, learning_rate=rate)
    sit(shards or data_dir() / "base" / "shards", model, to or data_dir() / "base" / "infill", options, sizes, seed)


@main.command("infill-report")
@click.option("--shards", type=click.Path(path_type=Path), help="What `build` made; by default in the data directory.")
@click.option("--model", type=click.Path(path_type=Path), help="Folder of a network; by default the base that ships.")
@click.option("--encoder", required=True, type=click.Path(path_type=Path), help="What `infill` wrote.")
@click.option("--within", default=8, show_default=True, help="Places within lines met in each held-out package.")
@click.option("--between", default=3, show_default=True, help="And between lines.")
@click.option("--typed", default=60_000, show_default=True, help="Bytes of each package among which they are drawn.")
@click.option("--known/--unknown", default=True, help="Whether the rest of the package is remembered.")
@click.option("--seed", default=0)
@click.option("--rows", type=click.Path(path_type=Path), help="Keep what was counted there, and go on with it.")
def infill_report_command(
    shards: Path | None,
    model: Path | None,
    encoder: Path,
    within: int,
    between: int,
    typed: int,
    known: bool,
    seed: int,
    rows: Path | None,
) -> None:
    """Tell what the encoder of what stands right of the caret is worth on the packages that are held out."""
    from foretype.model import mixture
    from foretype.training.base import infill_network
    from foretype.training.base.infill_report import BETWEEN_LINES, WITHIN_LINE, Rows, figures, meet
    from foretype.training.base.projects import projects

    engine = _engine(model)
    network = infill_network.load(encoder, engine.config)
    found = list(projects((shards or data_dir() / "base" / "shards") / "held_out", typed))
    kept, places = Rows(rows), {WITHIN_LINE: within, BETWEEN_LINES: between}
    with click.progressbar(found, label="meeting", item_show_func=_name, file=sys.stderr) as shown:
        for project in shown:
            if project.name not in kept.rows:
                kept.add(project.name, meet(project, engine, network, mixture.shipped(), places, seed, known=known))
    click.echo(json.dumps(figures(list(kept.rows.values())), indent=2))


@main.command("fit")
@click.option("--shards", type=click.Path(path_type=Path), help="What `build` made; by default in the data directory.")
@click.option("--model", required=True, type=click.Path(path_type=Path), help="Folder of the trained network.")
@click.option("--typed", default=60_000, show_default=True, help="Bytes typed of each held-out package.")
@click.option("--seed", default=0)
@click.argument("target", type=click.Path(path_type=Path))
def fit_command(shards: Path | None, model: Path, typed: int, seed: int, target: Path) -> None:
    """Learn the constants of the mixture from the packages that are held out, and write them to TARGET."""
    from foretype.model import checkpoint, mixture
    from foretype.training.base.fit import fit
    from foretype.training.base.projects import projects

    found = list(projects((shards or data_dir() / "base" / "shards") / "held_out", typed))
    engine = checkpoint.load(model).engine()
    mixture.save(target, fit(found, engine, seed, lambda line: click.echo(line, err=True)))


@main.command("report")
@click.option("--shards", type=click.Path(path_type=Path), help="What `build` made; by default in the data directory.")
@click.option("--model", type=click.Path(path_type=Path), help="Folder of a network; by default the base that ships.")
@click.option("--typed", default=20_000, show_default=True, help="Bytes scored of each held-out package.")
@click.option("--generic", default=2_000_000, show_default=True, help="Bytes that PPMd is given of each language.")
@click.option("--rival", type=click.Path(path_type=Path), help="Folder of a run of --cell transformer to put beside.")
def report_command(shards: Path | None, model: Path | None, typed: int, generic: int, rival: Path | None) -> None:
    """Score the packages that are held out, language by language, beside PPMd given generic text."""
    from foretype.model import mixture
    from foretype.training.base.projects import projects
    from foretype.training.base.report import generic_text, report
    from foretype.training.base.rival import FILE, load
    from foretype.training.shards import documents
    from foretype.training.torch_engine import TorchEngine

    folder = shards or data_dir() / "base" / "shards"
    found = list(projects(folder / "held_out", typed))
    wanted = {language_of(path) or "other" for project in found for path, _ in project.typed}
    engine, other = _engine(model), None if rival is None else TorchEngine(load(rival / FILE))
    text = generic_text(documents(folder / "train"), wanted, generic)
    with click.progressbar(length=len(found), label="scoring", item_show_func=str, file=sys.stderr) as counted:
        languages = report(found, engine, mixture.shipped(), text, lambda name: counted.update(1, name), other)
    rows = {
        name: {"files": one.files, "bytes": one.nbytes, **{who: round(b, 4) for who, b in one.per_byte().items()}}
        for name, one in sorted(languages.items(), key=lambda item: -item[1].nbytes)
    }
    click.echo(json.dumps(rows, indent=2))


@main.command("memorised")
@click.option("--shards", type=click.Path(path_type=Path), help="What `build` made; by default in the data directory.")
@click.option("--model", type=click.Path(path_type=Path), help="Folder of a network; by default the base that ships.")
@click.option("--documents", default=2000, show_default=True, help="How many of either kind are tried.")
@click.option("--seed", default=0)
def memorised_command(shards: Path | None, model: Path | None, documents: int, seed: int) -> None:
    """Tell how often the network repeats what it learnt to the letter, beside text that it never saw."""
    from foretype.training.base.memorised import excerpts, repeated
    from foretype.training.base.streams import Library
    from foretype.training.interval import interval

    engine = _engine(model)
    folder = shards or data_dir() / "base" / "shards"
    for kind in ("train", "held_out"):
        right = repeated(engine, list(excerpts(Library(folder / kind, {}, shortest=1), documents, seed)))
        low, high = interval(right, [1] * len(right))
        report = {"text": kind, "documents": len(right), "repeated": sum(right) / len(right), "interval": [low, high]}
        click.echo(json.dumps(report))


@main.command("readout")
@click.option("--shards", type=click.Path(path_type=Path), help="What `build` made; by default in the data directory.")
@click.option("--model", type=click.Path(path_type=Path), help="Folder of a network; by default the base that ships.")
@click.option("--seed", default=0)
@click.argument("target", type=click.Path(path_type=Path))
def readout_command(shards: Path | None, model: Path | None, seed: int, target: Path) -> None:
    """Fit what is read from the network's states, write the model with it to TARGET, and judge it on held-out text."""
    from foretype.model import checkpoint
    from foretype.model.checkpoint import with_readout
    from foretype.training.base.readout import fit, judge
    from foretype.training.base.states import LOOKS
    from foretype.training.base.streams import Library

    found, folder = _checkpoint(model), shards or data_dir() / "base" / "shards"
    if found.config.unit != "byte":
        raise UserError(f"expected a network of bytes, {found.folder} reads words; name another with --model")
    engine = found.engine()
    readout = fit(engine, Library(folder / "train", {}, shortest=LOOKS[0]), seed)
    with_readout(found, target, readout)
    judged = judge(engine, Library(folder / "held_out", {}, shortest=LOOKS[0]), checkpoint.load(target).readout(), seed)
    click.echo(json.dumps({**asdict(judged), "kind_accuracy": judged.kind_accuracy}))


@main.command("ship")
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
def ship_command(model: Path, target: Path) -> None:
    """Write a trained network to TARGET as the package holds it: weights for further training in 16 bits."""
    from foretype.model import checkpoint
    from foretype.model.export import export

    found = checkpoint.load(model)
    weights = found.weights()
    checkpoint.save(target, found.config, weights, export(found.config, weights), found.metrics(), half=True)


def _checkpoint(model: Path | None) -> Checkpoint:
    """Return the model in a folder, the base that ships if none is named."""
    from foretype.model import checkpoint
    from foretype.model.registry import BASE_NAME, Registry

    return checkpoint.load(model) if model else Registry.default().find(BASE_NAME)


def _engine(model: Path | None) -> Engine:
    return _checkpoint(model).engine()


def _problem(folder: Path, package: Package) -> str:
    try:
        fetch(package, folder)
    except UserError as error:
        return str(error)
    return ""


def _name(one: Package | Project | None) -> str:
    return one.name if one is not None else ""


if __name__ == "__main__":
    run(main)
