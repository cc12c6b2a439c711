"""Command-line options that several commands share, and what they name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from foretype.model.engine import Engine
from foretype.model.errors import UserError
from foretype.model.registry import Registry

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

seed_option: Decorator = click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same text."
)


def temperature_option(default: float) -> Decorator:
    """Return the option `--temperature` with this default."""
    return click.option(
        "--temperature",
        type=click.FloatRange(0, 10),
        default=default,
        show_default=True,
        help="0 is greedy; higher is freer.",
    )


def engine_of(model: str | None) -> Engine:
    """Load the model that `--model` names, by default the current one; nothing trained yet raises UserError."""
    found = Registry.default().find(model)
    if found is None:
        raise UserError("nothing was trained yet; run `foretype train FOLDER`")
    return found.engine()


def not_yet(option: str) -> None:
    """Say on standard error that an option has no effect in this version."""
    click.echo(f"foretype: {option} has no effect yet: this version has no project memory", err=True)
