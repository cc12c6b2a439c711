"""`foretype serve`: the language server."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from foretype.model.errors import UserError

if TYPE_CHECKING:
    from foretype.model.engine import Engine
    from foretype.server.app import Server


@click.command()
@click.option("--model", metavar="NAME|PATH", help="Model to serve; by default the current one.")
@click.option("--tcp", metavar="HOST:PORT", help="Serve over TCP (not there yet).")
@click.option("--ws", metavar="HOST:PORT", help="Serve over WebSocket (not there yet).")
@click.option("--log-file", type=click.Path(dir_okay=False, path_type=Path), help="Write the log to this file.")
def command(model: str | None, tcp: str | None, ws: str | None, log_file: Path | None) -> int:
    """Run the language server over standard input and output."""
    if tcp or ws:
        raise UserError("`--tcp` and `--ws` are not there yet; leave them out to serve over stdio")
    if model is not None:
        from foretype.model.registry import Registry

        Registry.default().find(model)  # a wrong name should end the start, not every answer
    _start_logging(log_file)
    from foretype.server import stdio

    return stdio.serve(lambda parent_gone: _make_server(model, parent_gone))


def _make_server(model: str | None, parent_gone: Callable[[], None]) -> Server:
    from foretype.server.app import Server

    return Server(version("foretype"), lambda: _load(model), parent_gone)


def _load(model: str | None) -> Engine:
    from foretype.model.registry import Registry

    return Registry.default().find(model).engine()


def _start_logging(log_file: Path | None) -> None:
    try:
        handler = logging.FileHandler(log_file, encoding="utf-8") if log_file else logging.StreamHandler(sys.stderr)
    except OSError as error:
        raise UserError(f"--log-file {log_file} cannot be written ({error.strerror})") from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # pygls logs whole messages, and with them the text of documents
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
