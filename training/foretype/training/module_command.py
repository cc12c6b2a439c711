"""The commands of modules that are run by `python -m`, for those who make Foretype and not for its users."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from foretype.model.errors import UserError


def run(command: Callable[[], object]) -> None:
    """Run a command of click; what a user is meant to read is one line, and exit code 2, as with `foretype`."""
    try:
        command()
    except UserError as error:
        click.echo(f"foretype: {error}", err=True)
        sys.exit(2)
