"""Vim at a station, as tests of it want it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.editors.installation import installed
from tests.editors.vim.driver import Vim

PATIENT = {"deadlineMs": 60_000}
"""Settings for a machine that is busy with other things."""


Open = Callable[..., Vim]


@pytest.fixture(scope="session")
def programs() -> Path:
    return installed("vim") / "bin"


@pytest.fixture
def start(programs: Path, station: Path, environment: dict[str, str]) -> Iterator[Open]:
    """Return a function that opens the station in Vim."""
    with ExitStack() as running:

        def run(program: str = "vim", options: dict[str, Any] | None = None, **more: Any) -> Vim:
            given = {"settings": PATIENT, **(options or {})}
            return running.enter_context(Vim(programs / program, [station], environment, given, **more))

        yield run


@pytest.fixture
def vim(start: Open) -> Vim:
    """Return a Vim whose server is ready."""
    vim = start()
    vim.wait_until_ready()
    return vim
