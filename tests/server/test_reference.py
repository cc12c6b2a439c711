"""The reference of the settings says what the settings are."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

from foretype.server.reference import as_json, page, schema, vscode
from foretype.server.settings import Settings, camel, parse

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "settings.md"
MANIFEST = ROOT / "editors" / "vscode" / "package.json"


def test_the_page_in_the_repository_is_the_present_one() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make reference"


def test_the_settings_in_the_vs_code_extension_are_the_present_ones() -> None:
    manifest = MANIFEST.read_text(encoding="utf-8")
    assert manifest == as_json(vscode(json.loads(manifest))), "run: make reference"


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
