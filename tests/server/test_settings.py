"""Settings: what can be used is used, what cannot is told, and defaults serve."""

from __future__ import annotations

import pytest

from foretype.server.settings import Settings, parse


def test_no_settings_are_the_defaults_without_a_word() -> None:
    assert parse(None) == (Settings(), [])
    assert parse({}) == (Settings(), [])
    assert parse({"foretype": None}) == (Settings(), [])


def test_settings_are_read_bare_or_under_the_name_of_the_product() -> None:
    expected = Settings(eagerness=0.9, max_bytes=20)
    assert parse({"eagerness": 0.9, "maxBytes": 20}) == (expected, [])
    assert parse({"foretype": {"eagerness": 0.9, "maxBytes": 20}}) == (expected, [])


def test_a_whole_number_is_taken_where_a_fraction_is_expected() -> None:
    assert parse({"eagerness": 1}) == (Settings(eagerness=1.0), [])


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"eagerness": "high"}, "eagerness: expected float, got str"),
        ({"eagerness": 7}, "eagerness: must be between 0 and 1, got 7"),
        ({"temperature": -1}, "temperature: must be between 0 and 10"),
        ({"enabled": 1}, "enabled: expected bool, got int"),
        ({"maxBytes": True}, "maxBytes: expected int, got bool"),
        ({"colour": "red"}, "unknown setting 'colour'"),
        ({"foretype": 3}, "settings must be an object, got int"),
        ([1], "settings must be an object, got list"),
    ],
)
def test_what_cannot_be_used_is_told_and_the_default_serves(values: object, problem: str) -> None:
    settings, problems = parse(values)
    assert settings == Settings()
    assert len(problems) == 1
    assert problem in problems[0]


def test_one_wrong_value_does_not_spoil_the_others() -> None:
    settings, problems = parse({"eagerness": 0.2, "temperature": "warm"})
    assert settings == Settings(eagerness=0.2)
    assert len(problems) == 1


def test_asking_by_hand_gives_several_suggestions_and_typing_gives_one() -> None:
    settings = Settings(candidates=4)
    assert settings.suggest_options(asked=True).count == 4
    assert settings.suggest_options(asked=False).count == 1
