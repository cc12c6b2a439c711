"""What the encoder of the text right of the caret is worth on packages that nothing has learnt from.

Every place is met twice, with the encoder and without, so that differences are between the same places. Two kinds:
within a line, where the rest of the line stands right of the caret, and between the lines of a block. Of each is told
how often greedy choice writes what is missing to the letter, what it costs in bits, the meeting with the right text
included, and what typing it with suggestions saves. Intervals are over packages. Knows nothing of how it was trained.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from foretype.model import segment, trim
from foretype.model.engine import Engine
from foretype.model.language import header_of
from foretype.model.mixture import Mixture
from foretype.model.sampling import probabilities
from foretype.model.score import LEAST
from foretype.model.segment import Mask, Segment
from foretype.model.session import Session
from foretype.model.state_cache import StateCache
from foretype.model.suggest import SuggestOptions
from foretype.model.tokens import NEWLINE, allowed_tokens, encode
from foretype.model.window import AFTER_BYTES, Prefix
from foretype.training.base.gaps import end_of_lines, end_within_line
from foretype.training.base.infill_engine import InfillEngine
from foretype.training.base.infill_network import InfillNetwork
from foretype.training.base.projects import Project
from foretype.training.interval import interval_of_difference
from foretype.training.session_editor import SessionEditor
from foretype.training.typing_simulator import type_out

WITHIN_LINE, BETWEEN_LINES = "within_line", "between_lines"
NETWORK, MIXTURE = "network", "mixture"
_LEAST_CHARACTERS = 4
_LONGEST = 200
"""Bytes of what is missing, so that few long places do not make the figures."""
_LONGEST_LINE = 100
_TRIES = 30

Segments = Sequence[tuple[Segment, Mask]]


class Writer(Protocol):
    """What goes on from a text, as `Continuations` do."""

    def distributions(self) -> NDArray[np.float64]:
        """Return the distribution (B, 256) of each lane's next byte."""

    def advance(self, tokens: Sequence[int]) -> None:
        """Let each lane go on with its token."""


@dataclass(frozen=True, slots=True)
class Place:
    """Hold what is missing in a file and what stands left and right of it."""

    kind: str
    path: str
    before: str
    missing: str
    after: str


Counts = Counter[str]
"""Of some places: `places`, `bytes`, `exact_` and `bits_` by who predicts, and the typist's numbers."""

Row = dict[str, tuple[Counts, Counts]]
"""By kind, what was counted in one package without the encoder and with it."""


class Rows:
    """Hold what was counted, by package, in a file if there is one, so that a report can be made in parts."""

    def __init__(self, path: Path | None) -> None:
        """Go on with what `path` holds."""
        self.rows: dict[str, Row] = {}
        self._path = path
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                name, row = json.loads(line)
                self.rows[name] = {kind: (Counter(pair[0]), Counter(pair[1])) for kind, pair in row.items()}

    def add(self, name: str, row: Row) -> None:
        """Keep what was counted in a package."""
        self.rows[name] = row
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([name, row]) + "\n")


def meet(
    project: Project,
    engine: Engine,
    encoder: InfillNetwork,
    mixture: Mixture,
    places: Mapping[str, int],
    seed: int,
    *,
    known: bool = True,
) -> Row:
    """Meet so many places of each kind in a package, whose memory is there if `known`."""
    memory = segment.build(project.known)
    segments = [(memory, memory.mask([]))] if known else []
    row: Row = {kind: (Counter(), Counter()) for kind in places}
    for kind, pair in row.items():
        for place in drawn(project, kind, places[kind], seed):
            knowing = InfillEngine(engine, encoder, encode(place.after))
            for counts, which in zip(pair, (engine, knowing), strict=True):
                _meet(counts, place, which, mixture, segments)
    return row


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


def _meet(counts: Counts, place: Place, engine: Engine, mixture: Mixture, segments: Segments) -> None:
    header, prefix = header_of(place.path), Prefix.of(encode(place.before))
    right = place.after[:AFTER_BYTES]
    wanted = encode(place.missing) + encode(right[:1])[:1]
    session = Session(engine, header, mixture, segments)
    openings: dict[str, Callable[[], Writer]] = {
        NETWORK: lambda: _Alone(engine, header, prefix),
        MIXTURE: lambda: session.open(prefix, right, 1),
    }
    counts["places"] += 1
    counts["bytes"] += len(wanted)
    for name, opened in openings.items():
        counts[f"bits_{name}"] += _bits(opened(), wanted)  # type: ignore[assignment]  # counts may be sums
        written = trim.usable(_greedy(opened()), right.split("\n", 1)[0])
        counts[f"exact_{name}"] += written.strip() == place.missing.split("\n", 1)[0].strip()
    typed = type_out(SessionEditor(session, SuggestOptions(), place.before, place.after), place.missing)
    counts.update(saved=typed.characters - typed.keys, characters=typed.characters)
    counts.update(shows=typed.shows, accepted=typed.accepted)


class _Alone:
    """Go on as the network alone expects."""

    def __init__(self, engine: Engine, header: bytes, prefix: Prefix) -> None:
        reading = StateCache(engine, header).read(prefix)
        self._engine, self._logits, self._state = engine, reading.logits[None], reading.state

    def distributions(self) -> NDArray[np.float64]:
        return probabilities(self._logits, np.ones(self._logits.shape, np.bool_))

    def advance(self, tokens: Sequence[int]) -> None:
        self._logits, self._state = self._engine.step(tokens, self._state)


def _bits(writer: Writer, wanted: bytes) -> float:
    bits = 0.0
    for token in wanted:
        bits -= math.log2(max(float(writer.distributions()[0, token]), LEAST))
        writer.advance([token])
    return bits


def _greedy(writer: Writer) -> str:
    """Return how the likeliest bytes finish the line."""
    written = bytearray()
    while len(written) < _LONGEST_LINE:
        token = int(np.where(allowed_tokens().any(axis=0), writer.distributions()[0], 0).argmax())
        if token == NEWLINE:
            break
        written.append(token)
        writer.advance([token])
    return written.decode("utf-8", "ignore")


def figures(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Return the figures over some packages, by kind."""
    return {kind: _figures([row[kind] for row in rows if row[kind][0]["places"]]) for kind in rows[0]} if rows else {}


def _figures(pairs: Sequence[tuple[Counts, Counts]]) -> dict[str, Any]:
    found: dict[str, Any] = {"packages": len(pairs), "places": sum(without["places"] for without, _ in pairs)}
    for name in (NETWORK, MIXTURE):
        found[f"exact_{name}"] = _ratio(pairs, f"exact_{name}", "places")
        found[f"bits_{name}"] = _ratio(pairs, f"bits_{name}", "bytes")
    ratios = {"saved": ("saved", "characters"), "shown": ("shows", "characters"), "precision": ("accepted", "shows")}
    return found | {name: _ratio(pairs, *parts) for name, parts in ratios.items()}


def _ratio(pairs: Sequence[tuple[Counts, Counts]], part: str, whole: str) -> dict[str, Any]:
    """Return a ratio without the encoder and with it and the difference, with its interval over packages."""
    first, second = (
        ([pair[which][part] for pair in pairs], [pair[which][whole] for pair in pairs]) for which in (0, 1)
    )
    without, with_it = (sum(parts) / max(1, sum(wholes)) for parts, wholes in (first, second))
    low, high = interval_of_difference(first, second)
    return {
        "without": round(without, 4),
        "with": round(with_it, 4),
        "difference": round(with_it - without, 4),
        "interval": [round(low, 4), round(high, 4)],
    }
