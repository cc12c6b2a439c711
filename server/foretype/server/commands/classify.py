"""`foretype classify`: the language of files, and how much of them is code, comment, string or prose."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import click

from foretype.model.classify import Classification, classify
from foretype.model.errors import UserError
from foretype.model.named_path import NamedPath
from foretype.model.registry import BASE_NAME, Registry
from foretype.model.tokens import encode
from foretype.server.commands.place import read_text

_NAMED = 3
"""How many languages the JSON object names for each file."""


@click.command()
@click.argument("files", nargs=-1, required=True, type=NamedPath(), metavar="FILE...")
@click.option("--lines", is_flag=True, help="Print what each line is.")
@click.option(
    "--bytes",
    "most",
    type=click.IntRange(1),
    default=1 << 14,
    show_default=True,
    help="How much of a file is read, from its beginning.",
)
@click.option("--model", metavar="NAME|PATH", default=BASE_NAME, show_default=True, help="Model that reads.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(files: tuple[Path, ...], lines: bool, most: int, model: str, as_json: bool) -> None:
    """Print language and kinds of files as the network's state has them; names are not looked at."""
    texts = [(path, encode(read_text(path))[:most]) for path in files]
    for path, text in texts:
        if not text:
            raise UserError(f"{path} is empty; there is nothing to classify")
    checkpoint = Registry.default().find(model)
    readout, engine = checkpoint.readout(), checkpoint.engine()
    found = [(path, text, classify(engine, readout, text)) for path, text in texts]
    if as_json:
        click.echo(json.dumps({"files": [_report(path, text, one, lines) for path, text, one in found]}))
        return
    for path, text, one in found:
        shares = "  ".join(f"{kind} {share:4.2f}" for kind, share in one.kinds.items())
        click.echo(f"{one.languages[one.language]:5.2f}  {one.language:<12}  {shares}  {path}")
        if lines:
            _print_lines(text, one)


def _print_lines(text: bytes, found: Classification) -> None:
    for kind, line in zip(found.lines, text.decode("utf-8", "replace").split("\n"), strict=True):
        click.echo(f"{kind or '':<8}  {line}".rstrip())


def _report(path: Path, text: bytes, found: Classification, lines: bool) -> dict[str, object]:
    return {
        "path": str(path),
        "bytes": len(text),
        "language": found.language,
        "languages": {name: round(p, 4) for name, p in islice(found.languages.items(), _NAMED)},
        "kinds": {name: round(share, 4) for name, share in found.kinds.items()},
        **({"lines": list(found.lines)} if lines else {}),
    }
