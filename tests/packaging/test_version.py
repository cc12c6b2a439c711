"""One version in one place, model/foretype/model/version.py; whatever else must state one states the same."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest
from tests.packaging.scripts import EDITORS, script

from foretype.model.version import VERSION

CHANGELOG = EDITORS.parent / "CHANGELOG.md"
versions = script("versions")


def json_of(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", versions.STATED)
def test_what_must_state_a_version_states_the_package_s(name: str) -> None:
    assert (EDITORS / name).read_text(encoding="utf-8") == versions.stamped(name), "run: make reference"


def test_the_vs_code_extension_has_the_version_of_the_package() -> None:
    assert [json_of(EDITORS / "vscode" / f"{name}.json")["version"] for name in ("package", "package-lock")] == [
        VERSION,
        VERSION,
    ]


def test_the_installed_package_has_the_version_of_the_code() -> None:
    assert version("foretype") == VERSION, "run: make setup"


def test_the_version_is_one_that_every_registry_reads_alike() -> None:
    # a pre-release is written differently for Python (1.0.0rc1) and for npm (1.0.0-rc.1): there is none
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)


def test_the_changelog_begins_with_what_is_coming_or_with_this_version() -> None:
    newest = re.findall(r"^## (\S+)", CHANGELOG.read_text(encoding="utf-8"), re.MULTILINE)[0]
    assert newest in {"Unreleased", VERSION}
