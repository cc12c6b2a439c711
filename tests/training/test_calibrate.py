"""Calibration: what comes out as confidence is how often it was right."""

from __future__ import annotations

import numpy as np
from tests.conftest import LEARNT_TEXT, network_alone

from foretype.model.engine import Engine
from foretype.model.mixture import UNCALIBRATED, Mixture, calibration_features
from foretype.model.session import Session
from foretype.model.suggest import SuggestOptions
from foretype.model.tokens import header
from foretype.training.calibrate import CollectingEditor, expected_calibration_error, fit
from foretype.training.typing_simulator import Typist


def calibrated(weights: np.ndarray) -> Mixture:
    plain = network_alone()
    return Mixture(plain.project_logits, plain.document_logits, plain.gate, weights)


def test_without_calibration_the_probability_is_the_confidence() -> None:
    mixture = calibrated(UNCALIBRATED)
    for probability in (1e-6, 0.02, 0.5, 0.99):
        assert abs(mixture.confidence(float(np.log(probability)), 7, 2) - probability) < 1e-4
    assert 0.99 < mixture.confidence(0.0, 7, 2) < 1


def test_overconfidence_that_depends_on_length_is_found_and_corrected() -> None:
    draws = np.random.default_rng(0)
    probabilities, lengths = draws.uniform(0.05, 0.95, 20_000), draws.integers(1, 40, 20_000)
    logs = np.log(probabilities)
    truth = 1 / (1 + np.exp(-(np.log(probabilities / (1 - probabilities)) - 0.8 * np.log(lengths))))
    right = draws.random(20_000) < truth
    features = [calibration_features(log, int(length), 0) for log, length in zip(logs, lengths, strict=True)]
    mixture = calibrated(fit(list(zip(features, right.tolist(), strict=True))))
    found = np.array([mixture.confidence(log, int(length), 0) for log, length in zip(logs, lengths, strict=True)])
    assert expected_calibration_error(found, right) < 0.02 < expected_calibration_error(probabilities, right)


def test_without_samples_nothing_is_corrected() -> None:
    np.testing.assert_array_equal(fit([]), UNCALIBRATED)


def test_typing_notes_every_suggestion_and_whether_it_was_right(learnt_engine: Engine) -> None:
    session = Session(learnt_engine, header("/project/names.py", "python"), network_alone())
    editor = CollectingEditor(session, LEARNT_TEXT, SuggestOptions())
    tally = Typist(editor, LEARNT_TEXT)
    shown = list(tally.run())
    assert len(editor.samples) >= tally.tally.shows > 0
    assert sum(right for _, right in editor.samples) >= sum(one.accepted for one in shown) > 0
