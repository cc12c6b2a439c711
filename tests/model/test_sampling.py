"""Sampling: the candidates, their shares, and the same choice for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foretype.model.sampling import Sampling, generator, probabilities
from foretype.model.sampling import sample as sample_lanes

LOGITS = st.lists(st.floats(-30, 30, width=32), min_size=2, max_size=40).map(np.array)


def sample(distribution: np.ndarray, sampling: Sampling, draw: float) -> int:
    return int(sample_lanes(distribution[None], [sampling], np.array([draw]))[0])


@given(LOGITS)
def test_probabilities_sum_to_one_and_follow_the_logits(logits: np.ndarray) -> None:
    found = probabilities(logits, np.ones(len(logits), bool))
    assert abs(found.sum() - 1) < 1e-12
    assert np.all(np.diff(found[np.argsort(logits)]) >= 0)


@given(LOGITS, st.floats(0, 1, exclude_max=True))
def test_temperature_zero_takes_the_likeliest_whatever_the_draw(logits: np.ndarray, draw: float) -> None:
    distribution = probabilities(logits, np.ones(len(logits), bool))
    assert sample(distribution, Sampling(temperature=0), draw) == int(np.argmax(distribution))


@given(LOGITS)
def test_the_largest_draw_is_still_a_candidate(logits: np.ndarray) -> None:
    distribution = probabilities(logits, np.ones(len(logits), bool))
    assert sample(distribution, Sampling(1.0, 0.0), np.nextafter(1.0, 0.0)) < len(logits)


@given(LOGITS, st.floats(0, 1, exclude_max=True))
def test_a_tiny_temperature_is_greedy_but_for_equals(logits: np.ndarray, draw: float) -> None:
    distribution = probabilities(logits, np.ones(len(logits), bool))
    chosen = sample(distribution, Sampling(temperature=1e-9, min_p=0), draw)
    assert distribution[chosen] == pytest.approx(distribution.max())


@given(LOGITS, st.floats(0, 1, exclude_max=True), st.floats(0, 5), st.floats(0, 1))
def test_nothing_below_the_min_p_share_or_outside_the_mask_is_chosen(
    logits: np.ndarray, draw: float, temperature: float, min_p: float
) -> None:
    allowed = np.arange(len(logits)) % 2 == 0
    distribution = probabilities(logits, allowed)
    chosen = sample(distribution, Sampling(temperature, min_p), draw)
    assert allowed[chosen]
    assert distribution[chosen] >= min_p * distribution.max()


def test_at_temperature_one_tokens_come_as_often_as_they_are_likely() -> None:
    distribution = np.array([0.5, 0.3, 0.15, 0.05])
    draws = np.random.default_rng(0).random(20_000)
    chosen = np.bincount([sample(distribution, Sampling(1.0, 0.0), draw) for draw in draws], minlength=4)
    np.testing.assert_allclose(chosen / len(draws), distribution, atol=0.012)


def test_a_high_temperature_flattens_and_a_low_one_sharpens() -> None:
    distribution = np.array([0.6, 0.3, 0.1])
    draws = np.random.default_rng(0).random(4000)
    shares = [
        np.mean([sample(distribution, Sampling(temperature, 0.0), draw) == 0 for draw in draws])
        for temperature in (0.3, 1.0, 1.8)
    ]
    assert shares[0] > 0.85 > shares[1] > 0.55 > shares[2] > 0.4


@given(st.lists(LOGITS.filter(lambda logits: len(logits) > 3).map(lambda logits: logits[:4]), min_size=1, max_size=5))
def test_every_lane_is_sampled_as_if_it_were_alone(rows: list[np.ndarray]) -> None:
    distributions = probabilities(np.array(rows), np.ones((len(rows), 4), bool))
    samplings = [Sampling(temperature=0.4 * lane, min_p=0.1 * lane) for lane in range(len(rows))]
    draws = np.linspace(0.05, 0.95, len(rows))
    together = sample_lanes(distributions, samplings, draws)
    alone = [sample(*lane) for lane in zip(distributions, samplings, draws, strict=True)]
    assert list(together) == alone


def test_the_same_seed_and_text_draw_the_same_numbers_and_others_do_not() -> None:
    assert generator(1, b"text").random() == generator(1, b"text").random()
    assert generator(1, b"text").random() != generator(2, b"text").random()
    assert generator(1, b"text").random() != generator(1, b"texts").random()


@pytest.mark.parametrize(("name", "value"), [("temperature", -0.1), ("temperature", float("nan")), ("min_p", 1.5)])
def test_a_wrong_value_dies_at_construction(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        Sampling(**{name: value})
