"""What the training tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import LEARNT_TEXT


@pytest.fixture(autouse=True)
def _one_thread(one_torch_thread: None) -> None:
    """Keep every test here to one thread."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder with a dozen small files."""
    folder = tmp_path / "project"
    (folder / "inner").mkdir(parents=True)
    for number in range(12):
        name = f"inner/names_{number}.py" if number % 2 else f"names_{number}.py"
        (folder / name).write_text(LEARNT_TEXT.replace("total", f"total_{number}"), encoding="utf-8")
    return folder
