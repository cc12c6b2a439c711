"""The settings' reference, made from the settings themselves: a page for people and a JSON schema for editors.

`python -m foretype.server.reference page` prints docs/settings.md, `... schema` the schema.
"""

from __future__ import annotations

import json
import sys
from dataclasses import Field, fields
from typing import Any

from foretype.server.settings import Settings, camel

_HEAD = """# Settings

Editors send these under `foretype` or bare, as initialization options, by `workspace/didChangeConfiguration` or when
the server asks (`workspace/configuration`). An unknown name or a wrong value is told once, and the default serves.

| setting | default | what it does |
|---|---|---|
"""

_SCHEMA_TYPES = {bool: "boolean", int: "integer", float: "number"}


def page() -> str:
    """Return the page, in Markdown."""
    return _HEAD + "".join(_row(one) for one in fields(Settings))


def schema() -> dict[str, Any]:
    """Return a JSON schema of the object that holds all settings (JSON Schema, draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Foretype settings",
        "type": "object",
        "additionalProperties": False,
        "properties": {camel(one.name): _property(one) for one in fields(Settings)},
    }


def _row(one: Field[Any]) -> str:
    low, high = one.metadata["low"], one.metadata["high"]
    between = f" Between {low} and {high}." if low is not None and high < 2**40 else ""
    return f"| `{camel(one.name)}` | `{json.dumps(one.default)}` | {one.metadata['about']}{between} |\n"


def _property(one: Field[Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": one.metadata["about"]}
    if isinstance(one.default, tuple):
        return {**described, "type": "array", "items": {"type": "string"}, "default": list(one.default)}
    described |= {"type": _SCHEMA_TYPES[type(one.default)], "default": one.default}
    if one.metadata["low"] is not None:
        described |= {"minimum": one.metadata["low"], "maximum": one.metadata["high"]}
    return described


if __name__ == "__main__":
    sys.stdout.write(page() if sys.argv[1:] == ["page"] else json.dumps(schema(), indent=2) + "\n")
