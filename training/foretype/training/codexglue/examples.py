"""Examples of the benchmark: a file up to a cut, and the rest of the line there, as JSON lines.

    {"id": 7, "input": "<s> import os <EOL> def f ( x", "gt": ") :"}

Source: CodeXGLUE, Code-Code/CodeCompletion-line, README.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from foretype.model.errors import UserError
from foretype.training.codexglue.source_tokens import EOL, Language

BEGIN = "<s>"
_LEAST_TOKENS = 20
"""Shorter files have no context worth the name."""


@dataclass(frozen=True, slots=True)
class Example:
    """Hold one line to complete."""

    number: int
    input: str
    answer: str


def read(path: Path) -> list[Example]:
    """Return the examples of a file; one without `id` takes the number of its line."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").rstrip("\n").split("\n")):
        try:
            row = json.loads(line)
            found.append(Example(int(row.get("id", number)), str(row["input"]), str(row["gt"])))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(
                f'{path} line {number + 1} is no example ({error}); expected {{"id": 1, "input": "...", "gt": "..."}}'
            ) from error
    return found


def lines(examples: Iterable[Example]) -> str:
    """Return what `read` reads."""
    rows = ({"id": example.number, "input": example.input, "gt": example.answer} for example in examples)
    return "".join(json.dumps(row) + "\n" for row in rows)


def cut(files: Sequence[Sequence[str]], language: Language, count: int, seed: int) -> list[Example]:
    """Return examples, one of a file, cut where chance wants it; a cut with nothing to complete is drawn again."""
    draws = np.random.default_rng(seed)
    found = []
    for number in draws.permutation(len(files)):
        tokens = files[int(number)]
        places = [place for place in range(1, len(tokens)) if rest_of_line(tokens[place:], language)]
        if len(tokens) < _LEAST_TOKENS or not places:
            continue
        place = places[int(draws.integers(len(places)))]
        rest = rest_of_line(tokens[place:], language)
        found.append(Example(int(number), " ".join([BEGIN, *tokens[:place]]), " ".join(rest)))
        if len(found) == count:
            break
    return found


def rest_of_line(tokens: Sequence[str], language: Language) -> list[str]:
    """Return the tokens up to the end of a line: Python's is a line end, Java's `;` or `}` with it or `{` without."""
    rest: list[str] = []
    for part in tokens:
        if part == EOL or (language == "java" and part == "{"):
            break
        rest.append(part)
        if language == "java" and part in (";", "}"):
            break
    return rest
