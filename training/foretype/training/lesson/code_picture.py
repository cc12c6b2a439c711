"""Some code as an SVG, each character on a ground whose colour says what a hidden unit put out after it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

_CELL_WIDTH, _CELL_HEIGHT, _MARGIN, _TITLE_HEIGHT = 7, 15, 10, 22
_HIGH, _LOW = np.array([47, 129, 199]), np.array([204, 122, 30])
_STRONGEST = 0.8
"""How much of the colour the strongest output gets, so that the letters can be read."""
_SHADES = 8


def draw(code: str, series: Mapping[str, NDArray[np.float32]]) -> str:
    """Return the code once for each of the titled series (T,), one below the other."""
    lines = code.split("\n")
    width = 2 * _MARGIN + _CELL_WIDTH * max(map(len, lines))
    height = _TITLE_HEIGHT + _CELL_HEIGHT * len(lines) + _MARGIN
    panels = [_panel(code, title, values, number * height) for number, (title, values) in enumerate(series.items())]
    size = f'viewBox="0 0 {width} {height * len(panels)}" font-family="monospace" font-size="11"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n{"".join(panels)}</svg>\n'


def _panel(code: str, title: str, values: NDArray[np.float32], top: int) -> str:
    scale = float(np.quantile(np.abs(values), 0.95)) or 1.0
    drawn = [f'<text x="{_MARGIN}" y="{top + 15}" font-family="sans-serif">{escape(title)}</text>\n']
    start = 0
    for row, line in enumerate(code.split("\n")):
        y = top + _TITLE_HEIGHT + row * _CELL_HEIGHT
        column = 0
        for colour, cells in groupby(map(_colour, values[start : start + len(line)] / scale)):
            count = len(list(cells))
            x, width = _MARGIN + column * _CELL_WIDTH, count * _CELL_WIDTH
            drawn.append(f'<rect x="{x}" y="{y}" width="{width}" height="{_CELL_HEIGHT}" fill="{colour}"/>')
            column += count
        if line.strip():
            length = f'textLength="{len(line) * _CELL_WIDTH}" xml:space="preserve"'
            drawn.append(f'<text x="{_MARGIN}" y="{y + 11}" {length}>{escape(line)}</text>\n')
        start += len(line) + 1
    return "".join(drawn)


def _colour(strength: float) -> str:
    share = _STRONGEST * round(min(1.0, abs(strength)) * _SHADES) / _SHADES
    red, green, blue = (255 * (1 - share) + share * (_HIGH if strength > 0 else _LOW)).round().astype(int)
    return f"#{red:02x}{green:02x}{blue:02x}"
