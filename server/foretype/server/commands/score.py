"""`foretype score`: bits per byte of files, each byte scored before it is read."""

from __future__ import annotations

import json
from pathlib import Path

import click

from foretype.model.errors import UserError
from foretype.model.language import header_of
from foretype.model.score import score
from foretype.model.tokens import encode
from foretype.server.commands.options import engine_of, not_yet
from foretype.server.commands.place import read_text

_EXPERTS = ("rnn", "memory", "document")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--project", type=click.Path(file_okay=False, exists=True, path_type=Path), help="Its folder.")
@click.option("--without", default="", metavar="NAMES", help=f"Leave out any of {','.join(_EXPERTS)}.")
@click.option("--model", metavar="NAME|PATH", help="Model to use; by default the current one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(files: tuple[Path, ...], project: Path | None, without: str, model: str | None, as_json: bool) -> None:
    """Print how many bits the model needs for each byte of each file; nothing is learnt from them."""
    _check_experts(without)
    if project is not None:
        not_yet("--project")
    texts = [(path, encode(read_text(path))) for path in files]
    for path, text in texts:
        if not text:
            raise UserError(f"{path} is empty; there is nothing to score")
    engine = engine_of(model)
    rows, total_bits = [], 0.0
    for path, text in texts:
        bits = score(engine, header_of(str(path.resolve())), text)
        total_bits += bits
        rows.append({"path": str(path), "bytes": len(text), "bits_per_byte": round(bits / len(text), 6)})
    mean = round(total_bits / sum(len(text) for _, text in texts), 6)
    if as_json:
        click.echo(json.dumps({"files": rows, "bits_per_byte": mean}))
        return
    for row in rows:
        click.echo(f"{row['bits_per_byte']:8.4f}  {row['bytes']:>9}  {row['path']}")
    click.echo(f"{mean:8.4f}  bits per byte over all")


def _check_experts(without: str) -> None:
    names = [name.strip() for name in without.split(",") if name.strip()]
    unknown = [name for name in names if name not in _EXPERTS]
    if unknown:
        raise UserError(f"--without takes {', '.join(_EXPERTS)}, got {unknown[0]!r}")
    if "rnn" in names:
        raise UserError("--without rnn leaves nothing: this version has the network alone")
