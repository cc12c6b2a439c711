"""The comparison as a picture: bits per byte of each contender, the fewest on top. Drawn by leather."""

from __future__ import annotations

from collections.abc import Sequence

import leather

from foretype.training.comparison import Row

_WIDTH, _BAR_HEIGHT, _MARGINS = 720, 26, 120


def chart(rows: Sequence[Row]) -> str:
    """Return an SVG document."""
    drawn = leather.Chart("Bits per byte on files that were held out (less is better)")
    drawn.add_bars([(round(row.bits_per_byte, 3), row.name) for row in rows])
    drawn.add_x_scale(0, max(row.bits_per_byte for row in rows))
    return str(drawn.to_svg(width=_WIDTH, height=_MARGINS + _BAR_HEIGHT * len(rows)))
