"""Learn how far the model's probabilities can be trusted, by typing and looking which suggestions prove right.

What counts is being right among the suggestions that a typist meets, key after key, each the best of several lanes cut
at its best place; over positions in a text a probability looks better than that (docs/log.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from foretype.model.mixture import UNCALIBRATED, Mixture, calibration_features
from foretype.model.session import Session
from foretype.model.suggest import SuggestOptions, suggest, typed_of_word
from foretype.model.tokens import encode
from foretype.model.window import Prefix
from foretype.training.typing_simulator import Typist

_NEWTON_STEPS = 30
_STEEPEST, _LEAST_CURVATURE = 30.0, 1e-3
"""Samples far out on the curve, where it is flat, must not make a step too long."""
_RIDGE = 1.0
"""Worth a sample or so for every weight: the curve must not run away where all suggestions of a kind were right."""

Samples = list[tuple[NDArray[np.float32], bool]]


class CollectingEditor:
    """Suggest as a server does and note of every suggestion what it looked like and whether it was right."""

    def __init__(self, session: Session, text: str, options: SuggestOptions) -> None:
        """Prepare to type `text`; suggestions are shown as `options` say, noted always."""
        self.samples: Samples = []
        self._session = session
        self._text = text
        self._options = options
        self._before = ""

    def insert(self, text: str) -> None:
        """Put `text` at the caret."""
        self._before += text

    def ask(self) -> str:
        """Return what would be shown at the caret."""
        everything = replace(self._options, asked=True)
        prefix = Prefix.of(encode(self._before))
        answer = suggest(self._session, prefix, "", everything)
        if not answer.suggestions:
            return ""
        best = answer.suggestions[0]
        right = self._text.startswith(best.text, len(self._before))
        features = calibration_features(float(np.log(best.probability)), len(best.text), typed_of_word(prefix))
        self.samples.append((features, right))
        return best.text if best.saving >= self._options.threshold else ""


def calibrate(sessions: Iterable[tuple[Session, str]], mixture: Mixture, options: SuggestOptions) -> Mixture:
    """Type every text in its session, which must use `mixture`, and return the mixture with a calibration."""
    samples: Samples = []
    for session, text in sessions:
        editor = CollectingEditor(session, text, options)
        for _ in Typist(editor, text).run():
            pass
        samples += editor.samples
    return replace(mixture, calibration=fit(samples))


def fit(samples: Samples) -> NDArray[np.float32]:
    """Return the weights of a logistic regression by Newton's method; without samples nothing is corrected."""
    if not samples:
        return UNCALIBRATED
    x = np.array([features for features, _ in samples], np.float64)
    y = np.array([right for _, right in samples], np.float64)
    weights = UNCALIBRATED.astype(np.float64)
    for _ in range(_NEWTON_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -_STEEPEST, _STEEPEST)))
        gradient = x.T @ (p - y) + _RIDGE * (weights - UNCALIBRATED)
        curvature = np.maximum(p * (1 - p), _LEAST_CURVATURE)
        hessian = (x * curvature[:, None]).T @ x + _RIDGE * np.eye(x.shape[1])
        weights -= np.linalg.solve(hessian, gradient)
    return weights.astype(np.float32)


def expected_calibration_error(confidences: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """Return the mean gap between confidence and how often it was right, over equal-width bins (Naeini et al. 2015)."""
    number = np.minimum((confidences * bins).astype(int), bins - 1)
    inside = [number == one for one in set(number.tolist())]
    return float(sum(abs(confidences[these].mean() - right[these].mean()) * these.mean() for these in inside))
