"""Keeping a memory true to its folder: what is read, what is not, and what is forgotten."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from foretype.model import files, indexing, memory, segment
from foretype.model.memory import Memory


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "src/app.py").write_text("def run():\n    return 1\n")
    (folder / "notes.md").write_text("# Notes\n")
    return folder


def refresh(project: Path, **options: int) -> indexing.Indexed:
    return indexing.refresh(project.parent / "memory", project, **options)


def texts(found: Memory) -> dict[str, bytes]:
    return {key: text for part in found.parts for key, text in part.texts()}


def test_all_text_files_of_a_folder_are_remembered_by_their_path_below_it(project: Path) -> None:
    assert texts(refresh(project).memory) == {
        "src/app.py": b"def run():\n    return 1\n",
        "notes.md": b"# Notes\n",
    }


def test_a_folder_read_part_by_part_is_remembered_as_if_it_had_been_read_whole(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        (project / f"src/{number}.py").write_text(f"value_{number} = {number}\n" * (1 + number % 7))
    monkeypatch.setattr(segment, "MAX_BYTES", 500)
    indexed = refresh(project)
    whole = memory.update(project.parent / "whole", project, texts(indexed.memory), indexed.memory.stamps)
    assert len(whole.parts) > 3
    assert indexed.memory.is_like(whole)
    assert len(texts(whole)) == 32
    assert refresh(project).memory.is_like(whole)


def test_only_files_that_changed_are_read(project: Path) -> None:
    (project / "empty.md").write_text("")
    assert refresh(project).read == 2
    assert refresh(project).read == 0
    (project / "notes.md").write_text("# More notes\n")
    found = refresh(project)
    assert found.read == 1
    assert texts(found.memory)["notes.md"] == b"# More notes\n"


def test_a_deleted_file_and_one_that_is_text_no_longer_are_forgotten(project: Path) -> None:
    refresh(project)
    (project / "src/app.py").unlink()
    (project / "notes.md").write_bytes(b"\0\1")
    found = refresh(project)
    assert texts(found.memory) == {}
    assert found.left_out["binary"] == 1


def test_ignored_and_private_files_and_secrets_never_get_in(project: Path) -> None:
    (project / ".gitignore").write_text("build/\n")
    (project / "build").mkdir()
    (project / "build/out.py").write_text("generated = 1\n")
    (project / ".env").write_text("TOKEN=abc\n")
    key = "AKIA" + "Q7" * 8
    (project / "settings.py").write_text(f'key = "{key}"\n')
    held = texts(refresh(project).memory)
    assert held.keys() == {"src/app.py", "notes.md", "settings.py", ".gitignore"} & held.keys()
    assert key.encode() not in held["settings.py"]


def test_a_secret_in_a_file_that_is_saved_never_gets_in(project: Path) -> None:
    refresh(project)
    password = "k7Zp2mXq" + "4TnV"
    (project / "notes.md").write_text(f'password: "{password}"\n')
    found = indexing.refresh_file(project.parent / "memory", project, project / "notes.md")
    assert texts(found)["notes.md"] == b'password: "x0Xx0xXx0XxX"\n'
    on_disk = [path.read_bytes() for path in (project.parent / "memory").rglob("*") if path.is_file()]
    assert not any(password.encode() in content or password[::-1].encode() in content for content in on_disk)


def test_a_memory_that_was_written_by_older_rules_is_built_anew_and_leaves_nothing_behind(project: Path) -> None:
    refresh(project)
    folder = project.parent / "memory"
    manifest = folder / "memory.json"
    manifest.write_text(manifest.read_text().replace(f'"format": {memory.FORMAT}', '"format": 1'))
    before = {child.name for child in folder.iterdir() if child.is_dir()}
    (project / "notes.md").write_text("# Changed\n")
    assert refresh(project).read == 2
    assert before.isdisjoint(child.name for child in folder.iterdir() if child.is_dir())


def test_what_only_programs_read_and_write_is_not_remembered(project: Path) -> None:
    (project / "poetry.lock").write_text("[[package]]\n")
    (project / "app.js").write_text("function f(){return 1};" * 100)
    (project / "latin.md").write_bytes(b"# caf\xe9\n")
    found = refresh(project)
    assert texts(found.memory).keys() == {"src/app.py", "notes.md", "latin.md"}
    assert texts(found.memory)["latin.md"] == "# café\n".encode()
    assert found.left_out == {"machine-made": 1, "minified": 1}


def test_test_data_and_vendored_sources_are_remembered_though_not_learnt_from(project: Path) -> None:
    for name in ("tests/fixtures/a.json", "vendor/lib/b.go"):
        (project / name).parent.mkdir(parents=True)
        (project / name).write_text("{}\n")
    assert {"tests/fixtures/a.json", "vendor/lib/b.go"} < texts(refresh(project).memory).keys()


def test_above_the_limit_the_newest_files_win(project: Path) -> None:
    os.utime(project / "src/app.py", ns=(0, 0))
    found = refresh(project, limit_bytes=10)
    assert texts(found.memory).keys() == {"notes.md"}
    assert found.left_out["over the limit"] == 1


def test_a_saved_file_that_exceeds_the_limit_puts_the_oldest_out(project: Path) -> None:
    os.utime(project / "src/app.py", ns=(0, 0))
    refresh(project)
    file = project / "notes.md"
    file.write_text("# Much longer notes\n" * 4)
    folder = project.parent / "memory"
    assert texts(indexing.refresh_file(folder, project, file, 90)).keys() == {"notes.md"}
    assert texts(indexing.refresh_file(folder, project, file, 10)) == {}


def test_one_file_that_was_saved_is_brought_up_to_date_alone(project: Path) -> None:
    refresh(project)
    file = project / "notes.md"
    file.write_text("# Changed\n")
    folder = project.parent / "memory"
    assert texts(indexing.refresh_file(folder, project, file))["notes.md"] == b"# Changed\n"
    assert refresh(project).read == 0
    file.unlink()
    assert "notes.md" not in texts(indexing.refresh_file(folder, project, file))


def test_one_file_that_may_not_be_read_stays_out_when_it_is_saved(project: Path) -> None:
    refresh(project)
    (project / ".gitignore").write_text("*.log\n")
    for name in ("run.log", ".env", "node_modules/x.js"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("text\n")
        found = indexing.refresh_file(project.parent / "memory", project, project / name)
        assert texts(found).keys() == {"src/app.py", "notes.md"}


def test_a_file_that_goes_while_its_folder_is_read_is_left_out(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = files.candidates

    def removing(root: Path, left_out: dict[Path, str]) -> Iterator[tuple[Path, str]]:
        for path, key in listed(root, left_out):
            if key == "notes.md":
                path.unlink()
            yield path, key

    monkeypatch.setattr(files, "candidates", removing)
    found = refresh(project)
    assert texts(found.memory).keys() == found.memory.stamps.keys() == {"src/app.py"}
    assert found.left_out == {"unreadable": 1}


def test_what_is_written_while_a_saved_file_is_read_is_read_the_next_time(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(project)
    file, read = project / "notes.md", files.read_text

    def writing(path: Path) -> tuple[bytes | None, str]:
        found = read(path)
        path.write_text("# Written meanwhile\n")
        return found

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(files, "read_text", writing)
        indexing.refresh_file(project.parent / "memory", project, file)
    assert texts(refresh(project).memory)["notes.md"] == b"# Written meanwhile\n"


def test_a_key_is_the_path_below_the_project(project: Path) -> None:
    assert indexing.key_of(project, project / "src/app.py") == "src/app.py"
    assert indexing.key_of(project, project.parent / "other.py") is None
