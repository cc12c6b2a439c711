"""Hidden units and what of the text they follow: strings, the depth of brackets, indentation.

A unit is chosen by how closely its output goes with a feature on one text, and judged on another, for among a thousand
units some go with anything. Source: Karpathy, Johnson & Fei-Fei 2015 ("Visualizing and Understanding Recurrent
Networks", section 4.2). Knows nothing of pictures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pygments.lexers.python import PythonLexer
from pygments.token import String

from foretype.model.engine import Engine
from foretype.model.tokens import header

Feature = NDArray[np.float64]

_OPENING, _CLOSING = "([{", ")]}"


@dataclass(frozen=True, slots=True)
class Unit:
    """Hold the unit that follows a feature most closely."""

    feature: str
    name: str
    """The state array that it is in, and its place there."""
    index: int
    """Column of `outputs`."""
    correlation: float
    """On the text that it was not chosen on."""


def features(code: str) -> dict[str, Feature]:
    """Return what is true after each character (T,) of some Python, which must be ASCII."""
    assert code.isascii()
    found: dict[str, list[float]] = {"strings": [], "brackets": [], "indentation": []}
    depth, leading = 0, True
    for kind, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens(code):
        in_string = kind in String  # type: ignore[comparison-overlap]  # a kind holds those below it
        for character in text:
            if not in_string:
                depth = max(0, depth + (character in _OPENING) - (character in _CLOSING))
            leading = character == "\n" or (leading and character == " ")
            for name, value in zip(found, (in_string, depth, leading), strict=True):
                found[name].append(float(value))
    return {name: np.array(values) for name, values in found.items()}


def outputs(engine: Engine, code: str) -> NDArray[np.float32]:
    """Return what all hidden units put out (T, units) after each character of some Python, layer after layer."""
    _, state = engine.prefill(header("", "python"), engine.zero_state())
    rows = []
    for token in code.encode("ascii"):
        _, state = engine.step([token], state)
        rows.append(np.concatenate([state.arrays[place][0, 0] for place in _hidden(engine)]))
    return np.array(rows)


def closest(engine: Engine, chosen_on: str, judged_on: str) -> list[Unit]:
    """Return the unit that follows each feature most closely."""
    known, unseen = (outputs(engine, code) for code in (chosen_on, judged_on))
    wanted, found = features(chosen_on), []
    for name, values in features(judged_on).items():
        followed = _correlations(known, wanted[name])
        index = int(np.abs(followed).argmax())
        correlation = float(_correlations(unseen[:, index : index + 1], values)[0])
        layer, place = divmod(index, engine.config.d_model)
        state = engine.config.state_names[_hidden(engine)[layer]]
        found.append(Unit(name, f"{state}[{place}]", index, correlation))
    return found


def signed(values: NDArray[np.float32], unit: Unit, of_text: Mapping[str, Feature]) -> NDArray[np.float32]:
    """Return a unit's outputs (T,), turned so that they rise with its feature; `of_text` has the same text's."""
    series = values[:, unit.index]
    return series if _correlations(series[:, None], of_text[unit.feature])[0] >= 0 else -series


def _hidden(engine: Engine) -> list[int]:
    return [place for place, name in enumerate(engine.config.state_names) if name.startswith("h")]


def _correlations(values: NDArray[np.float32], feature: Feature) -> Feature:
    """Return Pearson's coefficient of each column with a feature; one that never changes goes with nothing."""
    centred = values.astype(np.float64) - values.mean(axis=0)
    wanted = feature - feature.mean()
    norms = np.sqrt((centred**2).sum(axis=0) * (wanted**2).sum())
    return np.asarray(centred.T @ wanted / np.maximum(norms, 1e-12))
