"""What the tests of all editors share: a project, and an environment that touches nobody's own files."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.editors.environment import isolated_environment
from tests.editors.weather import write_project


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """Return the file to type into; its folder is the project."""
    return write_project(tmp_path / "weather")


@pytest.fixture(name="environment")
def environment_fixture(tmp_path: Path) -> dict[str, str]:
    """Return an environment with a home of its own, where `foretype` is this checkout's and serves the shipped base."""
    return isolated_environment(tmp_path)
