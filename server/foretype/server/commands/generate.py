"""`foretype generate`: plain sampling, as the classic char-rnn does, at one temperature or at several side by side."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Literal

import click

from foretype.model.engine import Engine
from foretype.model.generate import generate
from foretype.model.sampling import Sampling
from foretype.model.trim import before_loop
from foretype.server.columns import side_by_side
from foretype.server.commands.options import TEMPERATURE, engine_of, seed_option

Loops = Literal["keep", "mark", "cut"]

_MARK = " [loop] "


def _temperatures(ctx: click.Context, param: click.Parameter, value: str) -> tuple[float, ...]:
    return tuple(float(TEMPERATURE(part, param, ctx)) for part in value.split(","))


@click.command()
@click.option("--prompt", default="", help="Text to go on from.")
@click.option("--length", type=click.IntRange(1), default=400, show_default=True, help="Characters to write.")
@click.option(
    "--temperature",
    "temperatures",
    metavar="T[,T...]",
    callback=_temperatures,
    default="0.8",
    show_default=True,
    help="0 is greedy; higher is freer. Several, with commas between them, are printed side by side.",
)
@click.option(
    "--loops",
    type=click.Choice(["keep", "mark", "cut"]),
    default="keep",
    show_default=True,
    help="What becomes of text that goes round in circles; of a suggestion the first round is kept.",
)
@seed_option
@click.option("--model", metavar="NAME|PATH", help="Model to use; by default the current one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    prompt: str,
    length: int,
    temperatures: tuple[float, ...],
    loops: Loops,
    seed: int,
    model: str | None,
    as_json: bool,
) -> None:
    """Let the network write on from a prompt."""
    engine = engine_of(model)
    if len(temperatures) == 1 and loops == "keep" and not as_json:
        _print_as_it_comes(engine, prompt, length, temperatures[0], seed)
        return
    texts = ["".join(_written(engine, prompt, length, temperature, seed)) for temperature in temperatures]
    ends = list(map(before_loop, texts))
    shown = [_without_loop(text, end, loops) for text, end in zip(texts, ends, strict=True)]
    if as_json:
        samples = [
            {"temperature": temperature, "text": kept, "loop": end if end < len(text) else None}
            for temperature, text, end, kept in zip(temperatures, texts, ends, shown, strict=True)
        ]
        click.echo(json.dumps({"prompt": prompt, "seed": seed, "samples": samples}))
    elif len(temperatures) > 1:
        titles = [f"T = {temperature:g}" for temperature in temperatures]
        click.echo(side_by_side(titles, [prompt + text for text in shown], shutil.get_terminal_size().columns))
    else:
        click.echo(prompt + shown[0])


def _print_as_it_comes(engine: Engine, prompt: str, length: int, temperature: float, seed: int) -> None:
    click.echo(prompt, nl=False)
    for character in _written(engine, prompt, length, temperature, seed):
        click.echo(character, nl=False)
    click.echo()


def _written(engine: Engine, prompt: str, length: int, temperature: float, seed: int) -> Iterator[str]:
    return generate(engine, prompt, length, Sampling(temperature, min_p=0.0), seed)


def _without_loop(text: str, end: int, loops: Loops) -> str:
    if end == len(text) or loops == "keep":
        return text
    return text[:end] + (_MARK + text[end:] if loops == "mark" else "")
