"""Calibration: what comes out as confidence is how often it was right."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from tests.conftest import LEARNT_TEXT, network_alone

from foretype.model.calibration import UNCALIBRATED, Look, confidence
from foretype.model.engine import Engine
from foretype.model.session import Session
from foretype.model.suggest import SuggestOptions
from foretype.model.tokens import header
from foretype.training.calibrate import CollectingEditor, Sample, fit
from foretype.training.typing_simulator import Typist


def expected_calibration_error(confidences: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """Return the mean gap between confidence and how often it was right, over equal-width bins (Naeini et al. 2015)."""
    number = np.minimum((confidences * bins).astype(int), bins - 1)
    inside = [number == one for one in set(number.tolist())]
    return float(sum(abs(confidences[these].mean() - right[these].mean()) * these.mean() for these in inside))


def drawn(count: int, bias: float, draws: np.random.Generator) -> list[tuple[Look, bool]]:
    """Return suggestions of which long ones are right less often than they look, in a document of its own kind."""
    found = []
    for _ in range(count):
        probability, length = draws.uniform(0.05, 0.95), int(draws.integers(1, 40))
        score = math.log(probability / (1 - probability)) - 0.8 * math.log(length) + bias
        right = bool(draws.random() < 1 / (1 + math.exp(-score)))
        found.append((Look(math.log(probability), length, typed=0, known=True), right))
    return found


def test_overconfidence_that_depends_on_length_is_found_and_corrected() -> None:
    draws = np.random.default_rng(0)
    texts = [drawn(200, 0.0, draws) for _ in range(60)]
    weights = fit([[Sample(look.features(), right) for look, right in text] for text in texts])
    met = [pair for text in texts for pair in text]
    right = np.array([was for _, was in met])
    before = np.array([confidence(UNCALIBRATED, look) for look, _ in met])
    after = np.array([confidence(weights.tolist(), look) for look, _ in met])
    assert expected_calibration_error(after, right) < 0.03 < expected_calibration_error(before, right)


def test_what_differs_between_documents_is_left_to_their_records() -> None:
    draws = np.random.default_rng(1)
    texts = [drawn(200, bias, draws) for bias in (-1.5, 1.5) * 30]
    weights = fit([[Sample(look.features(), right) for look, right in text] for text in texts])
    assert abs(weights[2] + 0.8) < 0.15


def test_without_samples_nothing_is_corrected() -> None:
    np.testing.assert_array_equal(fit([]), np.array(UNCALIBRATED, np.float32))
    np.testing.assert_array_equal(fit([[]]), np.array(UNCALIBRATED, np.float32))


def test_typing_notes_every_suggestion_and_whether_it_was_right(learnt_engine: Engine) -> None:
    session = Session(learnt_engine, header("/project/names.py", "python"), network_alone())
    editor = CollectingEditor(session, LEARNT_TEXT, SuggestOptions())
    tally = Typist(editor, LEARNT_TEXT)
    shown = list(tally.run())
    assert len(editor.samples) >= tally.tally.shows > 0
    assert sum(sample.right for sample in editor.samples) >= sum(one.accepted for one in shown) > 0
