"""What something costs at several sizes, as numbers and in words. Knows nothing of what is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Row = dict[str, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """Hold the costs at each size."""

    name: str
    title: str
    size: str
    """Which number of a row is the size."""
    panels: tuple[tuple[str, tuple[str, ...]], ...]
    """What is drawn: units, each with the numbers of a row that are in it."""
    rows: tuple[Row, ...]

    def lines(self) -> list[str]:
        """Return a table in Markdown."""
        keys = [*self.rows[0]]
        cells = [keys, ["---:"] * len(keys), *([_number(row[key]) for key in keys] for row in self.rows)]
        return [self.title, "", *(f"| {' | '.join(row)} |" for row in cells)]


def up_to(share: float, sizes: Sequence[int]) -> list[int]:
    """Return the sizes of at most this share of the largest one, but always the smallest."""
    return [size for size in sizes if size <= share * max(sizes)] or [min(sizes)]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
