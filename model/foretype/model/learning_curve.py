"""How a run went: bits per byte over time, read from the lines that it left.

A line is a JSON object, as `foretype.training.run_log` writes them. Knows nothing of how a curve is drawn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER, SUFFIX = "training", ".jsonl"
"""Where in the data directory the lines of a model's latest run lie, and how the file's name ends."""

_LONGEST_BYTES = 8 << 20
_REACH = 4
"""Lines before and after one whose mean is drawn in its place."""

Points = tuple[tuple[float, float], ...]
"""Minutes since the run began, bits per byte."""


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Hold what the latest run of one model did, on what it learnt from and on what was held out."""

    name: str
    learnt: Points
    """Before it was learnt from; smoothed, since some text is harder than other."""
    held_out: Points


def read(path: Path) -> LearningCurve:
    """Return the curve in a file of lines; a line that is damaged is left out, and so is what is beyond 8 MB."""
    learnt: list[tuple[float, float]] = []
    held_out: list[tuple[float, float]] = []
    for line in _lines(path):
        seconds, bits, seen = (line.get(name) for name in ("seconds", "bits", "held_out_bits"))
        if isinstance(seconds, int | float) and isinstance(bits, int | float):
            learnt.append((seconds / 60, bits))
            if isinstance(seen, int | float):
                held_out.append((seconds / 60, seen))
    return LearningCurve(path.name.removesuffix(SUFFIX), _smoothed(learnt), tuple(held_out))


def read_all(data_dir: Path) -> list[LearningCurve]:
    """Return the curves of all models that have one of at least two points, by name."""
    found = (read(path) for path in sorted((data_dir / FOLDER).glob(f"*{SUFFIX}")))
    return [curve for curve in found if len(curve.learnt) > 1]


def _smoothed(points: Sequence[tuple[float, float]]) -> Points:
    """Return means over as many lines after as before each: what looked back alone would lag behind a steep fall."""
    smooth = []
    for index, (minutes, _) in enumerate(points):
        reach = min(_REACH, index, len(points) - 1 - index)
        near = [bits for _, bits in points[index - reach : index + reach + 1]]
        smooth.append((minutes, sum(near) / len(near)))
    return tuple(smooth)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST_BYTES)
    except OSError:
        return
    for line in text.splitlines():
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(values, dict):
            yield values
