"""The reference of the settings says what the settings are."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from foretype.server.reference import page, schema
from foretype.server.settings import Settings, camel, parse

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_in_the_repository_is_the_present_one() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run: python -m foretype.server.reference page > docs/settings.md"
    )


def test_every_setting_is_in_the_schema_with_a_default_that_is_taken() -> None:
    properties = schema()["properties"]
    assert set(properties) == {camel(one.name) for one in fields(Settings)}
    defaults = {name: one["default"] for name, one in properties.items()}
    assert parse(defaults) == (Settings(), [])


def test_every_setting_is_described_by_sentences() -> None:
    for name, one in schema()["properties"].items():
        assert one["description"].endswith("."), name
        assert one["type"] in {"boolean", "integer", "number", "array"}


def test_what_the_schema_forbids_is_refused() -> None:
    for name, one in schema()["properties"].items():
        if "maximum" in one:
            for value in (one["minimum"] - 1, one["maximum"] + 1):
                assert parse({name: value})[1] != []
