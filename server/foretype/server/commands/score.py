"""`foretype score`: bits per byte of files, each byte scored before it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click

from foretype.model import mixture
from foretype.model.errors import UserError
from foretype.model.language import header_of
from foretype.model.named_path import NamedPath
from foretype.model.predictor import Predictor
from foretype.model.score import perplexity_per_word, score_mixed, words_in
from foretype.model.tokens import encode
from foretype.server.commands.options import engine_of, memory_around, project_option
from foretype.server.commands.place import read_text

_EXPERTS = ("rnn", "memory", "document")


@click.command()
@click.argument("files", nargs=-1, required=True, type=NamedPath(), metavar="FILE...")
@project_option
@click.option("--without", default="", metavar="NAMES", help=f"Leave out any of {','.join(_EXPERTS)}.")
@click.option("--model", metavar="NAME|PATH", help="Model to use; by default the current one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(files: tuple[Path, ...], project: Path | None, without: str, model: str | None, as_json: bool) -> None:
    """Print bits per byte and perplexity per word of each file as the model predicts it; nothing is learnt."""
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
        rows.append({"path": str(path), "bytes": len(text), **_figures(bits, [text])})
    total = _figures(total_bits, [text for _, text in texts])
    if as_json:
        click.echo(json.dumps({"files": rows, **total}))
        return
    for row in rows:
        click.echo(f"{row['bits_per_byte']:8.4f}  {_perplexity(row)}  {row['bytes']:>9}  {row['path']}")
    click.echo(f"{total['bits_per_byte']:8.4f}  {_perplexity(total)}  bits per byte and perplexity per word over all")


def _figures(bits: float, texts: list[bytes]) -> dict[str, float | None]:
    perplexity = perplexity_per_word(bits, sum(map(words_in, texts)))
    return {
        "bits_per_byte": round(bits / sum(map(len, texts)), 6),
        "perplexity_per_word": None if perplexity is None else round(perplexity, 3),
    }


def _perplexity(figures: Mapping[str, object]) -> str:
    perplexity = figures["perplexity_per_word"]
    return f"{'-' if perplexity is None else f'{perplexity:.4g}':>10}"


def _experts(names: str) -> set[str]:
    found = {name.strip() for name in names.split(",") if name.strip()}
    if unknown := sorted(found - set(_EXPERTS)):
        raise UserError(f"--without takes {', '.join(_EXPERTS)}, got {unknown[0]!r}")
    return found
