"""Neovims for tests: three versions, and the plugin's two displays where a version has both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.editors.installation import installed
from tests.editors.neovim.editor import BUILTIN, OWN, Editor

StartEditor = Callable[..., Editor]


@pytest.fixture(params=["0.10", "0.11", "0.12"])
def program(request: pytest.FixtureRequest) -> Path:
    """Return the program of one version."""
    return installed("neovim", request.param) / "bin" / "nvim"


@pytest.fixture
def newest() -> Path:
    """Return the program of the newest version, for what does not depend on it."""
    return installed("neovim", "0.12") / "bin" / "nvim"


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[StartEditor]:
    """Return a function that starts a Neovim; all end with the test."""
    with ExitStack() as stack:

        def started(program: Path, **options: Any) -> Editor:
            return stack.enter_context(Editor(program, options.pop("environment", environment), **options))

        yield started


@pytest.fixture
def editor(program: Path, start: StartEditor, station: Path) -> Editor:
    """Return a Neovim of each version, with our display, without any configuration, in the file to type into."""
    editor = start(program)
    editor.open(station)
    return editor


@pytest.fixture(params=["0.10", "0.11", "0.12", "0.12 builtin"])
def any_display(request: pytest.FixtureRequest, start: StartEditor, station: Path) -> Editor:
    """Return the same for each version and each display that it has."""
    version, _, builtin = request.param.partition(" ")
    program = installed("neovim", version) / "bin" / "nvim"
    editor = (
        start(program, setup="{ display = 'builtin' }", display=BUILTIN) if builtin else start(program, display=OWN)
    )
    editor.open(station)
    return editor
