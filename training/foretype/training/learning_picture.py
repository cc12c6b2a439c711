"""The curve of a run as a PNG. Drawn by matplotlib."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

from foretype.model.learning_curve import LearningCurve

_INCHES, _DOTS_PER_INCH = (7.2, 3.6), 150
_BLUE, _ORANGE = "#2f81c7", "#cc7a1e"


def draw(curve: LearningCurve) -> bytes:
    """Return a picture of both curves, less being better, without opening a window."""
    figure = Figure(figsize=_INCHES, dpi=_DOTS_PER_INCH, layout="constrained")
    axes = figure.add_subplot()
    axes.plot(*zip(*curve.learnt, strict=True), color=_BLUE, label="what it learns from, before it does")
    if curve.held_out:
        axes.plot(*zip(*curve.held_out, strict=True), color=_ORANGE, marker="o", label="files held out")
    axes.set_xlabel("minutes")
    axes.set_ylabel("bits per byte")
    axes.set_title(f"{curve.name}: how it learnt")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
