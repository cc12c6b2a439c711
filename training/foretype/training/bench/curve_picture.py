"""Curves as a PNG, both axes logarithmic: what grows in proportion is a straight slope. Drawn by matplotlib."""

from __future__ import annotations

import io
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter, StrMethodFormatter

from foretype.training.bench.curve import Curve

_INCHES, _DOTS_PER_INCH = (4.4, 2.9), 100
_MOST_IN_A_ROW = 2
_LEGEND_COLUMNS = 2


def draw(curve: Curve) -> bytes:
    """Return a picture with a panel for each unit, without opening a window."""
    columns = min(_MOST_IN_A_ROW, len(curve.panels))
    rows = -(-len(curve.panels) // columns)
    width, height = _INCHES
    figure = Figure(figsize=(width * columns, height * rows), dpi=_DOTS_PER_INCH, layout="constrained")
    figure.suptitle(curve.title)
    for number, (unit, keys) in enumerate(curve.panels, 1):
        _draw(figure.add_subplot(rows, columns, number), curve, unit, keys)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _draw(axes: Axes, curve: Curve, unit: str, keys: Sequence[str]) -> None:
    sizes = [row[curve.size] for row in curve.rows]
    for key in keys:
        axes.loglog(sizes, [row[key] for row in curve.rows], marker="o", label=key.rpartition("_")[0].replace("_", " "))
    axes.set_xlabel(curve.size.replace("_mb", ", MB"))
    axes.set_ylabel(unit)
    axes.set_xticks(sizes)
    axes.xaxis.set_major_formatter(EngFormatter(places=0, sep=""))
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_formatter(NullFormatter())
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=_LEGEND_COLUMNS)
