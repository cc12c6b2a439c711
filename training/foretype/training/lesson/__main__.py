"""`python -m foretype.training.lesson`: make the pictures and figures of docs/lesson.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from foretype.model import atomic
from foretype.model.engine import Engine
from foretype.model.errors import UserError
from foretype.model.generate import generate
from foretype.model.registry import Registry
from foretype.model.sampling import Sampling, probabilities
from foretype.model.tokens import START, allowed_tokens, header
from foretype.training import corpus, threads
from foretype.training.module_command import run

_TEMPERATURES = (0.3, 0.8, 1.2, 1.8)
_CYCLE_CHARACTERS = 400

_PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
_WIDTH = click.option("--width", type=click.IntRange(1), default=128, show_default=True, help="Of every network.")
_EPOCHS = click.option(
    "--epochs", type=click.FloatRange(0, min_open=True), default=2, show_default=True, help="Passes over the text."
)
_PICTURE = click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw it to an SVG.")
_MODEL = click.option("--model", metavar="NAME|PATH", default="base", show_default=True, help="Network to look at.")
_PROMPT: Callable[..., Any] = click.option("--prompt", required=True, help="Text that the network has read.")


@click.group()
def main() -> None:
    """Make what docs/lesson.md shows."""


@main.command("cells")
@_PATHS
@_WIDTH
@_EPOCHS
@_PICTURE
def cells_command(paths: tuple[Path, ...], width: int, epochs: float, picture: Path | None) -> None:
    """Let an rnn, a gru and an lstm learn the same text; print JSON."""
    threads.settle()
    from foretype.training.lesson.pictures import curves
    from foretype.training.lesson.small_networks import cells

    known, held_out = corpus.read(paths).split()
    pupils = list(cells(known.files, held_out.files, width, epochs))
    _draw(picture, lambda: curves({pupil.name: [pupil] for pupil in pupils}))
    bits = {pupil.name: round(sum(pupil.bits) / held_out.nbytes, 4) for pupil in pupils}
    click.echo(json.dumps({"known": known.nbytes, "held_out": held_out.nbytes, "bits_per_byte": bits}))


@main.command("windows")
@_PATHS
@_WIDTH
@_EPOCHS
@click.option("--seq-len", type=click.IntRange(2), default=64, show_default=True, help="Bytes of a window.")
@click.option("--seeds", type=click.IntRange(1), default=5, show_default=True, help="Runs of each kind.")
@_PICTURE
def windows_command(
    paths: tuple[Path, ...], width: int, epochs: float, seq_len: int, seeds: int, picture: Path | None
) -> None:
    """Compare learning from windows with learning from streams, in equal steps and bytes; print JSON."""
    threads.settle()
    from foretype.training.lesson.pictures import curves
    from foretype.training.lesson.small_networks import carried_and_not, ratio

    known, held_out = corpus.read(paths).split()
    pairs = [carried_and_not(known.files, held_out.files, width, epochs, seq_len, seed) for seed in range(seeds)]
    streams, windows = zip(*pairs, strict=True)
    _draw(picture, lambda: curves({"streams": streams, f"windows of {seq_len} bytes": windows}))
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


@main.command("units")
@click.argument("chosen_on", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="CHOSEN_ON.PY")
@click.argument("judged_on", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="JUDGED_ON.PY")
@click.option("--lines", type=(int, int), default=(1, 12), show_default=True, help="Of the second file, to be drawn.")
@_MODEL
@_PICTURE
def units_command(chosen_on: Path, judged_on: Path, lines: tuple[int, int], model: str, picture: Path | None) -> None:
    """Find the hidden units that follow strings, brackets and indentation; print JSON."""
    from foretype.training.lesson.code_picture import draw
    from foretype.training.lesson.hidden_units import closest, features, outputs, signed

    engine, (known, unseen) = Registry.default().find(model).engine(), map(_ascii, (chosen_on, judged_on))
    units = closest(engine, known, unseen)
    parts = unseen.splitlines(keepends=True)
    start, end = (sum(map(len, parts[:line])) for line in (lines[0] - 1, lines[1]))
    shown, wanted = outputs(engine, unseen[:end]), features(unseen[:end])
    titles = {f"{unit.feature}: {unit.name}, r = {abs(unit.correlation):.2f}": unit for unit in units}
    _draw(
        picture,
        lambda: draw(
            unseen[start : end - 1], {title: signed(shown, unit, wanted)[start:] for title, unit in titles.items()}
        ),
    )
    click.echo(json.dumps({unit.feature: {"unit": unit.name, "r": round(unit.correlation, 3)} for unit in units}))


@main.command("temperatures")
@_PROMPT
@_MODEL
@_PICTURE
def temperatures_command(prompt: str, model: str, picture: Path | None) -> None:
    """Look at the distribution of the next byte at several temperatures; print its entropies as JSON."""
    import numpy as np

    from foretype.training.lesson.pictures import distributions

    engine = Registry.default().find(model).engine()
    logits, _ = engine.read(header("", "") + prompt.encode(), engine.zero_state())
    found = {temperature: probabilities(logits / temperature, allowed_tokens()[START]) for temperature in _TEMPERATURES}
    _draw(picture, lambda: distributions(prompt, {key: values.tolist() for key, values in found.items()}))
    entropies = {key: -float((values * np.log2(np.maximum(values, 1e-300))).sum()) for key, values in found.items()}
    click.echo(json.dumps({f"{key:g}": round(bits, 3) for key, bits in entropies.items()}))


@main.command("cycle")
@_PROMPT
@_MODEL
@_PICTURE
def cycle_command(prompt: str, model: str, picture: Path | None) -> None:
    """Look where greedy and sampled text repeat themselves; print both as JSON."""
    from foretype.training.lesson.pictures import repeats

    engine = Registry.default().find(model).engine()
    texts = {f"T = {temperature:g}": _written(engine, prompt, temperature) for temperature in (0.0, 0.8)}
    _draw(picture, lambda: repeats(texts))
    click.echo(json.dumps(texts))


def _written(engine: Engine, prompt: str, temperature: float) -> str:
    return "".join(generate(engine, prompt, _CYCLE_CHARACTERS, Sampling(temperature, min_p=0.0), seed=0))


def _ascii(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not ASCII ({error}); name a file of Python that is") from error


def _draw(picture: Path | None, drawn: Callable[[], str]) -> None:
    if picture is not None:
        atomic.write_file(picture, drawn().encode())


if __name__ == "__main__":
    run(main)
