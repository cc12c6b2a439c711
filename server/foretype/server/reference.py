"""The settings' reference, made from the settings themselves: a page for people and a JSON schema for editors.

`python -m foretype.server.reference page` prints docs/settings.md, `... schema` the schema, and `... vscode FILE` what
the VS Code extension's package.json, given as FILE, should be.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from foretype.server.settings import Settings, camel

_HEAD = """# Settings

Editors send these under `foretype` or bare, as initialization options, by `workspace/didChangeConfiguration` or when
the server asks (`workspace/configuration`). An unknown name or a wrong value is told once, and the default serves.

| setting | default | what it does |
|---|---|---|
"""

_LARGEST_JSON_INTEGER = 2**53 - 1
"""Above it a JavaScript client rounds."""

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


def vscode(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a VS Code extension's manifest with these settings as the first section of its configuration."""
    contributes = manifest["contributes"]
    first, *others = contributes["configuration"]
    properties = {
        f"foretype.{name}": {"order": order, **_vscode_property(one)}
        for order, (name, one) in enumerate(schema()["properties"].items())
    }
    configuration = [{**first, "properties": properties}, *others]
    return {**manifest, "contributes": {**contributes, "configuration": configuration}}


def as_json(value: object) -> str:
    """Return a value as npm writes it."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


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


def _vscode_property(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return a property as VS Code's settings editor shows it best: the description is Markdown."""
    described = {"markdownDescription" if name == "description" else name: value for name, value in one.items()}
    if "maximum" in described:
        described["maximum"] = min(described["maximum"], _LARGEST_JSON_INTEGER)
    return described


def _main(arguments: list[str]) -> str:
    match arguments:
        case ["page"]:
            return page()
        case ["schema"]:
            return as_json(schema())
        case ["vscode", file]:
            return as_json(vscode(json.loads(Path(file).read_text(encoding="utf-8"))))
    return "expected one of: page, schema, vscode FILE\n"


if __name__ == "__main__":
    sys.stdout.write(_main(sys.argv[1:]))
