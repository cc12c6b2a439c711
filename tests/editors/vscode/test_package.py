"""The packed extension."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from foretype.model.version import VERSION

_MOST_BYTES = 200_000


def test_it_is_small_and_holds_what_it_needs_and_nothing_else(vsix: Path) -> None:
    with zipfile.ZipFile(vsix) as packed:
        names = {name.removeprefix("extension/") for name in packed.namelist() if name.startswith("extension/")}
    assert (size := vsix.stat().st_size) < _MOST_BYTES, f"{size} bytes"
    assert {"package.json", "dist/extension.js", "dist/NOTICES.txt", "LICENSE.txt", "readme.md"} <= names
    assert [name for name in names if name.endswith((".ts", ".map")) or "node_modules" in name] == []


def test_its_version_is_that_of_foretype(vsix: Path) -> None:
    with zipfile.ZipFile(vsix) as packed:
        manifest = json.loads(packed.read("extension/package.json"))
    assert manifest["version"] == VERSION
