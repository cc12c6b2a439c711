"""`foretype score`: bits per byte of files, each byte scored before it is read."""

from __future__ import annotations

import json
from pathlib import Path

import click

from foretype.model import mixture
from foretype.model.errors import UserError
from foretype.model.language import header_of
from foretype.model.predictor import Predictor
from foretype.model.score import score_mixed
from foretype.model.tokens import encode
from foretype.server.commands.options import engine_of, memory_around, project_option
from foretype.server.commands.place import read_text

_EXPERTS = ("rnn", "memory", "document")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@project_option
@click.option("--without", default="", metavar="NAMES", help=f"Leave out any of {','.join(_EXPERTS)}.")
@click.option("--model", metavar="NAME|PATH", help="Model to use; by default the current one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(files: tuple[Path, ...], project: Path | None, without: str, model: str | None, as_json: bool) -> None:
    """Print how many bits the model needs for each byte of each file; nothing is learnt from them."""
    left_out = _experts(without)
    texts = [(path, encode(read_text(path))) for path in files]
    for path, text in texts:
        if not text:
            raise UserError(f"{path} is empty; there is nothing to score")
    engine = None if "rnn" in left_out else engine_of(model)
    rows, total_bits = [], 0.0
    for path, text in texts:
        memory = [] if "memory" in left_out else memory_around(project, path)
        predictor = Predictor(mixture.shipped(), memory)
        header = header_of(str(path.resolve()))
        bits = score_mixed(engine, predictor, header, text, document="document" not in left_out)
        total_bits += bits
        rows.append({"path": str(path), "bytes": len(text), "bits_per_byte": round(bits / len(text), 6)})
    mean = round(total_bits / sum(len(text) for _, text in texts), 6)
    if as_json:
        click.echo(json.dumps({"files": rows, "bits_per_byte": mean}))
        return
    for row in rows:
        click.echo(f"{row['bits_per_byte']:8.4f}  {row['bytes']:>9}  {row['path']}")
    click.echo(f"{mean:8.4f}  bits per byte over all")


def _experts(names: str) -> set[str]:
    found = {name.strip() for name in names.split(",") if name.strip()}
    if unknown := sorted(found - set(_EXPERTS)):
        raise UserError(f"--without takes {', '.join(_EXPERTS)}, got {unknown[0]!r}")
    return found
