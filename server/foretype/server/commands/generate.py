"""`foretype generate`: plain sampling, as the classic char-rnn does."""

from __future__ import annotations

import click

from foretype.model.generate import generate
from foretype.model.sampling import Sampling
from foretype.server.commands.options import engine_of, seed_option, temperature_option


@click.command()
@click.option("--prompt", default="", help="Text to go on from.")
@click.option("--length", type=click.IntRange(1), default=400, show_default=True, help="Characters to write.")
@temperature_option(0.8)
@seed_option
@click.option("--model", metavar="NAME|PATH", help="Model to use; by default the current one.")
def command(prompt: str, length: int, temperature: float, seed: int, model: str | None) -> None:
    """Let the network write on from a prompt."""
    engine = engine_of(model)
    click.echo(prompt, nl=False)
    for character in generate(engine, prompt, length, Sampling(temperature, min_p=0.0), seed):
        click.echo(character, nl=False)
    click.echo()
