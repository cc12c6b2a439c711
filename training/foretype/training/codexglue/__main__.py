"""`python -m foretype.training.codexglue`: examples made of source files, lines completed, predictions scored."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from foretype.model import atomic, mixture
from foretype.model.errors import UserError
from foretype.model.language import language_of
from foretype.model.predictor import Predictor
from foretype.model.registry import Registry
from foretype.training import corpus, shards
from foretype.training.codexglue import examples
from foretype.training.codexglue.score import Scores, score
from foretype.training.codexglue.source_tokens import LANGUAGES, Language, Literals, scan, written
from foretype.training.interval import interval
from foretype.training.module_command import run

_EXAMPLES = click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="TEST.JSON")
_LANGUAGE = click.option("--language", type=click.Choice(LANGUAGES), required=True, help="What the examples are in.")


@click.group()
def main() -> None:
    """Complete lines as CodeXGLUE's benchmark asks for it."""


@main.command("make")
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER")
@_LANGUAGE
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write into.")
@click.option("--count", type=click.IntRange(1), default=500, show_default=True, help="How many, of a file each.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed cuts alike.")
def make_command(path: Path, language: Language, to: Path, count: int, seed: int) -> None:
    """Make examples in the benchmark's format of a folder's files, or of a folder of shards."""
    files = [scan(text, language) for text in _texts(path, language)]
    literals = Literals.frequent(files, language)
    found = examples.cut([written(tokens, literals, language) for tokens in files], language, count, seed)
    to.mkdir(parents=True, exist_ok=True)
    atomic.write_file(to / "test.json", examples.lines(found).encode())
    atomic.write_file(to / "literals.json", literals.to_json().encode())
    click.echo(f"{len(found)} examples of {len(files)} {language} files in {to / 'test.json'}")


@main.command("complete")
@_EXAMPLES
@_LANGUAGE
@click.option(
    "--literals",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="The benchmark's literals.json: which literals keep their value.",
)
@click.option("--model", metavar="NAME|PATH", help="Model to use; by default the current one.")
@click.option("--predictions", type=click.Path(dir_okay=False, path_type=Path), help="Write them there, a line each.")
@click.option("--most", type=click.IntRange(1), help="Only so many of the examples.")
def complete_command(
    path: Path, language: Language, literals: Path, model: str | None, predictions: Path | None, most: int | None
) -> None:
    """Complete every line with network and document, and print the benchmark's figures as JSON."""
    from foretype.training.codexglue.completion import completed
    from foretype.training.readers import MixtureReader

    wanted, known = examples.read(path)[:most], _literals(literals)
    engine, constants = Registry.default().find(model).engine(), mixture.shipped()
    with click.progressbar(wanted, file=sys.stderr) as shown:
        found = [
            completed(lambda header: MixtureReader(engine, Predictor(constants, []), header), example, known, language)
            for example in shown
        ]
    if predictions is not None:
        atomic.write_file(predictions, "".join(f"{line}\n" for line in found).encode())
    click.echo(json.dumps(_report(score(found, [example.answer for example in wanted]))))


@main.command("score")
@_EXAMPLES
@click.argument("predictions", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="PREDICTIONS.TXT")
def score_command(path: Path, predictions: Path) -> None:
    """Score predictions, a line each, as the benchmark's own evaluator does; print JSON."""
    answers = [example.answer for example in examples.read(path)]
    lines = predictions.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    if len(lines) != len(answers):
        raise UserError(f"{predictions} has {len(lines)} lines, {path} {len(answers)} examples; expected as many")
    click.echo(json.dumps(_report(score(lines, answers))))


def _texts(path: Path, language: Language) -> list[str]:
    if any(path.glob("*.jsonl")):
        return [text.text.decode() for text in shards.documents(path) if language_of(text.path) == language]
    return [file.text.decode() for file in corpus.read([path]).files if file.language == language]


def _literals(path: Path) -> Literals:
    try:
        return Literals.from_json(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{path}: {error}") from error


def _report(found: Scores) -> dict[str, Any]:
    count = len(found.exact)
    intervals = (interval(values, [1.0] * count) for values in ([100 * one for one in found.exact], found.similarity))
    exact, alike = ([round(end, 2) for end in ends] for ends in intervals)
    return {
        "examples": count,
        "exact_match": {"mean": round(found.exact_match, 2), "interval": exact},
        "edit_similarity": {"mean": round(found.edit_similarity, 2), "interval": alike},
    }


if __name__ == "__main__":
    run(main)
