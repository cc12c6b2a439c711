"""What a change of a file or folder is to the memory of its project."""

from __future__ import annotations

from pathlib import Path

import pytest

from foretype.server.known_files import KnownFiles


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "project"
    (folder / "src/inner").mkdir(parents=True)
    for name in ("src/inner/app.py", "new.py", "node_modules/a.js", ".env", "src/.hidden/x.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x = 1\n")
    (folder / "src/plain.bin").mkdir()
    return folder


@pytest.fixture
def known(project: Path) -> KnownFiles:
    return KnownFiles(project, {"src/inner/app.py", "gone/away.py"})


@pytest.mark.parametrize("place", ["src/inner/app.py", "src/inner", "src", "gone", "gone/away.py", "new.py"])
def test_what_is_known_or_may_be_read_concerns_a_memory(known: KnownFiles, project: Path, place: str) -> None:
    assert known.concerned_by(project / place)


@pytest.mark.parametrize("place", ["node_modules/a.js", ".env", "src/.hidden/x.py"])
def test_what_is_neither_known_nor_may_be_read_concerns_none(known: KnownFiles, project: Path, place: str) -> None:
    assert not known.concerned_by(project / place)


def test_rules_and_folders_that_come_or_go_reach_more_than_one_file(known: KnownFiles, project: Path) -> None:
    assert known.reached_by(project / ".gitignore")
    assert known.reached_by(project / "gone")
    assert known.reached_by(project / "src/plain.bin")
    assert not known.reached_by(project / "src/inner")
    assert not known.reached_by(project / "src/inner/app.py")
    assert not known.reached_by(project / "new.py")
