"""Curves as a PNG, both axes logarithmic: what grows in proportion is a straight slope. Drawn by matplotlib."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

from foretype.training.bench.curve import Curve

_INCHES, _DOTS_PER_INCH = (3.6, 3.2), 110


def draw(curve: Curve) -> bytes:
    """Return a picture with a panel for each unit, without opening a window."""
    width, height = _INCHES
    figure = Figure(figsize=(width * max(1.4, len(curve.panels)), height), dpi=_DOTS_PER_INCH, layout="constrained")
    figure.suptitle(curve.title)
    sizes = [row[curve.size] for row in curve.rows]
    for axes, (unit, keys) in zip(figure.subplots(1, len(curve.panels), squeeze=False)[0], curve.panels, strict=True):
        for key in keys:
            axes.loglog(sizes, [row[key] for row in curve.rows], marker="o", label=key.rpartition("_")[0])
        axes.set_xlabel(curve.size)
        axes.set_ylabel(unit)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
