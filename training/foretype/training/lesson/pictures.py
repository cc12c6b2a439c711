"""The lesson's pictures as SVG on white paper, which the pages' style keeps white in the dark. Drawn by matplotlib."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from foretype.training.lesson.small_networks import Pupil

_STYLE = {"svg.fonttype": "none", "svg.hashsalt": "foretype", "font.family": "sans-serif", "font.size": 10}
_DOTS_PER_INCH = 200
_COLOURS = ("#2f81c7", "#cc7a1e", "#3b8f4d", "#8a4fa3", "#7a6a58")
_SHOWN = 12
"""Bytes of a distribution; the others are too rare to be seen."""


def curves(groups: Mapping[str, Sequence[Pupil]]) -> str:
    """Return how networks learnt, a line for each group, and the span of its runs around it."""
    figure = _figure(3.4)
    axes = figure.add_subplot()
    for colour, (name, pupils) in zip(_COLOURS, groups.items(), strict=False):
        seen = [nbytes / 1e6 for nbytes, _ in pupils[0].curve]
        bits = np.array([[value for _, value in pupil.curve] for pupil in pupils])
        axes.plot(seen, bits.mean(axis=0), color=colour, label=name)
        axes.fill_between(seen, bits.min(axis=0), bits.max(axis=0), color=colour, alpha=0.2, linewidth=0)
    _label(axes, "MB read", "bits per byte, files held out")
    axes.legend(frameon=False)
    return _svg(figure)


def distributions(prompt: str, by_temperature: Mapping[float, Sequence[float]]) -> str:
    """Return the probabilities (256,) of the next byte at several temperatures, for the likeliest bytes."""
    figure = _figure(3.0)
    axes = figure.add_subplot()
    shown = np.argsort([-value for value in next(iter(by_temperature.values()))], kind="stable")[:_SHOWN]
    width = 0.8 / len(by_temperature)
    for number, (temperature, values) in enumerate(by_temperature.items()):
        places = np.arange(len(shown)) + width * (number - (len(by_temperature) - 1) / 2)
        axes.bar(places, np.array(values)[shown], width, color=_COLOURS[number], label=f"T = {temperature:g}")
    axes.set_xticks(range(len(shown)), [_shown(int(byte)) for byte in shown], family="monospace")
    _label(axes, f"the next byte after {prompt!r}", "probability")
    axes.legend(frameon=False)
    return _svg(figure)


def repeats(texts: Mapping[str, str], length: int = 8) -> str:
    """Return where each text says what it said before: a point for every two places with the same `length` letters."""
    figure = _figure(3.6)
    for number, (title, text) in enumerate(texts.items()):
        axes = figure.add_subplot(1, len(texts), number + 1)
        pieces = np.array([text[place : place + length] for place in range(len(text) - length + 1)])
        again = pieces[:, None] == pieces[None, :]
        axes.imshow(again, cmap=ListedColormap(["white", _COLOURS[0]]), origin="lower", interpolation="none")
        axes.set_title(title, fontsize=10)
        _label(axes, "character", "character" if number == 0 else "")
    return _svg(figure)


def _figure(inches: float) -> Figure:
    return Figure(figsize=(7.2, inches), layout="constrained")


def _label(axes: Axes, below: str, beside: str) -> None:
    axes.set_xlabel(below)
    axes.set_ylabel(beside)
    axes.spines[["top", "right"]].set_visible(False)


def _shown(byte: int) -> str:
    return {0x20: "blank", 0x0A: r"\n"}.get(byte, chr(byte) if 0x20 < byte < 0x7F else f"{byte:02x}")


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        figure.savefig(buffer, format="svg", dpi=_DOTS_PER_INCH, metadata={"Date": None})
    return buffer.getvalue()
