"""Learn how far the model's probabilities can be trusted, by typing and looking which suggestions prove right.

What counts is being right among the suggestions that a typist meets, key after key, each the best of several lanes cut
at its best place; over positions in a text a probability looks better than that (docs/log.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foretype.model.calibration import UNCALIBRATED, moved
from foretype.model.mixture import Mixture
from foretype.model.session import Session
from foretype.model.suggest import SuggestOptions, suggest
from foretype.model.tokens import encode
from foretype.model.window import Prefix
from foretype.training.typing_simulator import type_out

_NEWTON_STEPS = 30
_STEEPEST, _LEAST_CURVATURE = 30.0, 1e-3
"""Samples far out on the curve, where it is flat, must not make a step too long."""
_RIDGE = 1.0
"""Worth a sample or so for every weight: the curve must not run away where all suggestions of a kind were right."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Hold what was seen of one suggestion and whether it proved right."""

    features: tuple[float, ...]
    right: bool


Samples = list[Sample]
"""Of one text, in the order in which they were met."""


class CollectingEditor:
    """Suggest as a server does and note of every suggestion what it looked like and whether it was right."""

    def __init__(self, session: Session, text: str, options: SuggestOptions) -> None:
        """Prepare to type `text`; suggestions are shown as `options` say, noted always."""
        self.samples: Samples = []
        self._session = session
        self._text = text
        self._options = options
        self._before = ""
        self._rest = ""

    def insert(self, text: str) -> None:
        """Put `text` at the caret."""
        self._before += text
        self._rest = self._rest.removeprefix(text) if self._rest.startswith(text) else ""

    def ask(self) -> str:
        """Return what would be shown at the caret."""
        everything = replace(self._options, asked=True)
        answer = suggest(self._session, Prefix.of(encode(self._before)), "", everything)
        if not answer.suggestions:
            return ""
        best = answer.suggestions[0]
        if best.text != self._rest:  # what is left of the last one is no new suggestion
            self.samples.append(Sample(best.look.features(), self._text.startswith(best.text, len(self._before))))
        self._rest = best.text
        return best.text if best.saving >= self._options.threshold else ""


def calibrate(sessions: Iterable[tuple[Session, str]], mixture: Mixture, options: SuggestOptions) -> Mixture:
    """Type every text in its session, which must use `mixture`, and return the mixture with a calibration."""
    met: list[Samples] = []
    for session, text in sessions:
        editor = CollectingEditor(session, text, options)
        type_out(editor, text)
        met.append(editor.samples)
    return replace(mixture, calibration=fit(met))


def fit(met: list[Samples]) -> NDArray[np.float32]:
    """Return the weights of a logistic regression over the samples of several texts; without any all stays as it is.

    First as if there were no records, then with the bias that each document's record has by then. No further rounds: an
    intercept that is wrong in all documents is made up for by all records, and so would never be found.
    """
    every = [sample for samples in met for sample in samples]
    if not every:
        return np.array(UNCALIBRATED, np.float32)
    weights = _regress(every, np.zeros(len(every)))
    weights = _regress(every, np.concatenate([_biases(samples, weights) for samples in met]))
    return weights.astype(np.float32)


def _biases(samples: Samples, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the bias of a document's record at each of its suggestions."""
    bias, found = 0.0, []
    for sample in samples:
        found.append(bias)
        bias = moved(bias, _sigmoid(np.dot(sample.features, weights) + bias), sample.right)
    return np.array(found)


def _regress(samples: Samples, offsets: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the likeliest weights by Newton's method."""
    x = np.array([sample.features for sample in samples], np.float64)
    y = np.array([sample.right for sample in samples], np.float64)
    start = np.array(UNCALIBRATED, np.float64)
    weights = start.copy()
    for _ in range(_NEWTON_STEPS):
        p = _sigmoid(x @ weights + offsets)
        gradient = x.T @ (p - y) + _RIDGE * (weights - start)
        curvature = np.maximum(p * (1 - p), _LEAST_CURVATURE)
        hessian = (x * curvature[:, None]).T @ x + _RIDGE * np.eye(x.shape[1])
        weights -= np.linalg.solve(hessian, gradient)
    return weights


def _sigmoid(scores: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(scores, -_STEEPEST, _STEEPEST)))
