"""What the encoder of the text right of the caret is worth on packages that nothing has learnt from.

Every place is met twice, with the encoder and without, so that differences are between the same places. Two kinds:
within a line, where the rest of the line stands right of the caret, and between the lines of a block. Of each is told
how often greedy choice writes what is missing to the letter, what it costs in bits, the meeting with the right text
included, and what typing it with suggestions saves. Intervals are over packages. Knows nothing of how it was trained.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foretype.model import segment, trim
from foretype.model.engine import Engine
from foretype.model.language import header_of
from foretype.model.mixture import Mixture
from foretype.model.sampling import probabilities
from foretype.model.score import LEAST
from foretype.model.session import Continuations, Session
from foretype.model.suggest import SuggestOptions
from foretype.model.tokens import NEWLINE, allowed_tokens, encode
from foretype.model.window import AFTER_BYTES, Prefix
from foretype.training.base.gaps import end_of_lines, end_within_line
from foretype.training.base.projects import Project
from foretype.training.interval import interval
from foretype.training.session_editor import SessionEditor
from foretype.training.typing_simulator import Tally, type_out

WITHIN_LINE, BETWEEN_LINES = "within_line", "between_lines"
_LEAST_CHARACTERS = 4
_LONGEST = 200
"""Bytes of what is missing, so that few long places do not make the figures."""
_LONGEST_LINE = 100
_TRIES = 30
_ALONE, _MIXED = "network", "mixture"

Watch = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Place:
    """Hold what is missing in a file and what stands left and right of it."""

    kind: str
    path: str
    before: str
    missing: str
    after: str


@dataclass(slots=True)
class Sum:
    """Sum up one package's places of one kind, met with the encoder or without."""

    places: int = 0
    nbytes: int = 0
    exact: dict[str, int] = field(default_factory=lambda: {_ALONE: 0, _MIXED: 0})
    bits: dict[str, float] = field(default_factory=lambda: {_ALONE: 0.0, _MIXED: 0.0})
    typed: Tally = field(default_factory=Tally)


def report(
    found: Sequence[Project],
    engine: Engine,
    mixture: Mixture,
    places: int,
    seed: int,
    *,
    known: bool = True,
    watch: Watch = str,
) -> dict[str, Any]:
    """Return figures by kind; `places` are met of each kind and package, the project's memory being there if `known`."""
    sums: dict[str, list[tuple[Sum, Sum]]] = {WITHIN_LINE: [], BETWEEN_LINES: []}
    without = copy(engine)
    without.encoder = None
    for project in found:
        memory = segment.build(project.known)
        segments = [(memory, memory.mask([]))] if known else []
        for kind, pairs in sums.items():
            pair = Sum(), Sum()
            for place in drawn(project, kind, places, seed):
                for one, which in zip(pair, (without, engine), strict=True):
                    _meet(one, place, Session(which, header_of(place.path), mixture, segments))
            pairs.append(pair)
        watch(project.name)
    return {kind: figures(pairs) for kind, pairs in sums.items()}


def drawn(project: Project, kind: str, count: int, seed: int) -> Iterator[Place]:
    """Yield places in the typed files of a project, at most so many, the same ones every time."""
    draws = np.random.default_rng([seed, *project.name.encode(), len(kind)])
    tries = 0
    while count and tries < _TRIES * count:
        tries += 1
        path, text = project.typed[int(draws.integers(len(project.typed)))]
        place = _place(kind, path, text.decode("utf-8", "replace"), draws)
        if place is not None:
            count -= 1
            tries = 0
            yield place


def _place(kind: str, path: str, text: str, draws: np.random.Generator) -> Place | None:
    """Return a place in a line drawn at random, None if there is nothing to miss in it or nothing right of it."""
    lines = text.split("\n")
    number = int(draws.integers(len(lines)))
    start = sum(len(line) + 1 for line in lines[:number]) + len(lines[number]) - len(lines[number].lstrip())
    if kind == WITHIN_LINE:
        start += int(draws.integers(1, max(2, len(lines[number].strip()))))
    right = encode(text[start:])
    end = end_within_line(right, 0, draws) if kind == WITHIN_LINE else end_of_lines(right, 0, draws)
    if end is None or end > _LONGEST or not right[end:].strip():
        return None
    missing = right[:end].decode()
    if len(missing.strip()) < _LEAST_CHARACTERS:
        return None
    return Place(kind, path, text[:start], missing, right[end:].decode())


def _meet(into: Sum, place: Place, session: Session) -> None:
    prefix, right = Prefix.of(encode(place.before)), place.after[:AFTER_BYTES]
    wanted = encode(place.missing) + encode(right[:1])[:1]
    into.places += 1
    into.nbytes += len(wanted)
    for name in (_ALONE, _MIXED):
        predict = _alone if name == _ALONE else Continuations.distributions
        into.bits[name] += _bits(session.open(prefix, right, 1), wanted, predict)
        written = trim.usable(_greedy(session.open(prefix, right, 1), predict), right.split("\n", 1)[0])
        into.exact[name] += written.strip() == place.missing.split("\n", 1)[0].strip()
    into.typed.add(type_out(SessionEditor(session, SuggestOptions(), place.before, place.after), place.missing))


def _alone(continuations: Continuations) -> NDArray[np.float64]:
    """Return the network's own distribution."""
    logits = continuations.logits()
    assert logits is not None
    return probabilities(logits, np.ones(logits.shape, np.bool_))


def _bits(
    continuations: Continuations, wanted: bytes, predict: Callable[[Continuations], NDArray[np.float64]]
) -> float:
    bits = 0.0
    for token in wanted:
        bits -= math.log2(max(float(predict(continuations)[0, token]), LEAST))
        continuations.advance([token])
    return bits


def _greedy(continuations: Continuations, predict: Callable[[Continuations], NDArray[np.float64]]) -> str:
    """Return how the likeliest bytes finish the line."""
    written = bytearray()
    while len(written) < _LONGEST_LINE:
        token = int(np.where(allowed_tokens().any(axis=0), predict(continuations)[0], 0).argmax())
        if token == NEWLINE:
            break
        written.append(token)
        continuations.advance([token])
    return written.decode("utf-8", "ignore")


def figures(pairs: Sequence[tuple[Sum, Sum]]) -> dict[str, Any]:
    """Return the figures over some packages, of each the sums without the encoder and with it."""
    pairs = [pair for pair in pairs if pair[0].places]
    rows: dict[str, Any] = {"packages": len(pairs), "places": sum(one.places for one, _ in pairs)}
    for name in (_ALONE, _MIXED):
        rows[f"exact_{name}"] = _paired(pairs, lambda one, name=name: one.exact[name], lambda one: one.places)
        rows[f"bits_{name}"] = _paired(pairs, lambda one, name=name: one.bits[name], lambda one: one.nbytes)
    rows["saved"] = _paired(pairs, lambda one: one.typed.characters - one.typed.keys, lambda one: one.typed.characters)
    for which, label in ((0, "without"), (1, "with")):
        typed = Tally()
        for pair in pairs:
            typed.add(pair[which].typed)
        rows[f"precision_{label}"] = round(typed.precision, 4)
        rows[f"shows_per_1000_{label}"] = round(typed.shows_per_1000, 1)
    return rows


def _paired(
    pairs: Sequence[tuple[Sum, Sum]], part: Callable[[Sum], float], whole: Callable[[Sum], float]
) -> dict[str, Any]:
    """Return a ratio without and with the encoder, their difference and its interval over packages."""
    wholes = [whole(one) for one, _ in pairs]
    total = max(1, sum(wholes))
    differences = [part(other) - part(one) for one, other in pairs]
    low, high = interval(differences, wholes)
    return {
        "without": round(sum(part(one) for one, _ in pairs) / total, 4),
        "with": round(sum(part(other) for _, other in pairs) / total, 4),
        "difference": round(sum(differences) / total, 4),
        "interval": [round(low, 4), round(high, 4)],
    }
