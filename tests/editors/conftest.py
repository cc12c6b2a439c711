"""What the tests of all editors share: a project, and an environment that touches nobody's own files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.editors.weather import write_project

from foretype.model.registry import DATA_DIR_VARIABLE


@pytest.fixture
def station(tmp_path: Path) -> Path:
    """Return the file to type into; its folder is the project."""
    return write_project(tmp_path / "weather")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return an environment with a home of its own, where `foretype` is this checkout's and serves the shipped base."""
    home = tmp_path / "home"
    folders = {name: home / name.lower() for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    for folder in (home, *folders.values()):
        folder.mkdir(parents=True)
    return {
        **os.environ,
        **{name: str(folder) for name, folder in folders.items()},
        "HOME": str(home),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        DATA_DIR_VARIABLE: str(tmp_path / "data"),
    }
