"""The memories of a client's folders: built in the background, true to what is saved."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from foretype.model import forgetting, memory
from foretype.model.registry import Registry, memories_dir
from foretype.server.memories import Memories, project_around


@pytest.fixture
def project(tmp_path: Path, registry: Registry) -> Path:  # noqa: ARG001  # where the memories go
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    (folder / "app.py").write_text("def run():\n    return 1\n")
    (folder / "other.py").write_text("value = 2\n")
    return folder


@pytest.fixture
def memories() -> Iterator[Memories]:
    made = Memories()
    yield made
    made.stop()


def wait(memories: Memories, project: Path) -> None:
    begun = memories.add(project)
    assert begun is not None
    begun.result(60)


def silent(memories: Memories, path: Path) -> int:
    return sum(len(mask.rows) for _, mask in memories.around(str(path)))


def test_a_folder_is_remembered_and_a_document_does_not_see_its_own_file(memories: Memories, project: Path) -> None:
    wait(memories, project)
    file = project / "app.py"
    assert len(memories.around(str(file))) == 1
    assert silent(memories, file) == file.stat().st_size + 1
    assert silent(memories, project / "new.py") == 0
    assert memories.around(str(project.parent / "elsewhere.py")) == []


def test_a_saved_file_changes_the_memory_and_its_version(memories: Memories, project: Path) -> None:
    wait(memories, project)
    file = project / "other.py"
    before = memories.version(str(file))
    file.write_text("value = 2\nanother_value = 3\n")
    memories.refresh_file(file)
    memories._worker.submit(lambda: None).result(60)
    assert memories.version(str(file)) > before
    assert silent(memories, file) > file.stat().st_size


def told(memories: Memories, *paths: Path) -> None:
    """Tell of several files as an editor does, all of them before the first is looked at."""
    held_up = threading.Event()
    memories._worker.submit(held_up.wait)
    for path in paths:
        memories.refresh_file(path)
    held_up.set()
    memories._worker.submit(lambda: None).result(60)


def known(memories: Memories, project: Path) -> set[str]:
    """Return the files that answer for a document that is none of them."""
    return {
        file.key
        for held, mask in memories.around(str(project / "there.py"))
        for file in held.files
        if file.start not in mask.silent_from
    }


def test_what_is_no_text_of_the_project_makes_no_answer_a_wrong_one(memories: Memories, project: Path) -> None:
    (project / ".gitignore").write_text("build/\n")
    (project / "build").mkdir()
    wait(memories, project)
    before = memories.version(str(project / "app.py"))
    for path in (project / "build/app.o", project / ".git/index", project / "app.pyc"):
        path.write_bytes(b"\0\1")
    told(memories, project / "build/app.o", project / ".git/index", project / "app.pyc", project / "build")
    told(memories, project / "other.py")  # saved as it was
    assert memories.version(str(project / "app.py")) == before


def test_many_files_that_change_at_once_are_one_change_of_the_memory(memories: Memories, project: Path) -> None:
    wait(memories, project)
    before = memories.version(str(project / "app.py"))
    paths = [project / f"branch_{number}.py" for number in range(40)]
    for path in paths:
        path.write_text(f"name = '{path.stem}'\n")
    told(memories, *paths, project / "app.py")
    assert memories.version(str(project / "app.py")) == before + 2
    assert known(memories, project) == {"app.py", "other.py", *(path.name for path in paths)}


def test_a_folder_that_is_moved_away_is_forgotten_and_one_that_is_moved_in_is_read(
    memories: Memories, project: Path
) -> None:
    (project / "inner").mkdir()
    (project / "inner" / "deep.py").write_text("deep = 4\n")
    wait(memories, project)
    (project / "inner").rename(project / "moved")
    told(memories, project / "inner", project / "moved")
    assert known(memories, project) == {"app.py", "other.py", "moved/deep.py"}
    shutil.rmtree(project / "moved")
    told(memories, project / "moved")
    assert known(memories, project) == {"app.py", "other.py"}


def test_what_a_saved_ignore_file_excludes_is_forgotten(memories: Memories, project: Path) -> None:
    wait(memories, project)
    (project / ".foretypeignore").write_text("other.py\n")
    told(memories, project / ".foretypeignore")
    assert known(memories, project) == {".foretypeignore", "app.py"}


def test_a_path_that_no_file_can_have_is_passed_over(memories: Memories, project: Path) -> None:
    wait(memories, project)
    (project / "new.py").write_text("new = 3\n")
    told(memories, project / "a\0b.py", project / ("long" * 99), project / "new.py")
    assert known(memories, project) == {"app.py", "new.py", "other.py"}


def test_stopping_does_not_wait_for_whoever_works_on_the_memory(memories: Memories, project: Path) -> None:
    wait(memories, project)
    (project / "new.py").write_text("new = 3\n")
    stopping = threading.Thread(target=memories._worker.shutdown)
    with FileLock(memory.folder_of(memories_dir(), project) / ".lock"):
        memories.refresh_file(project / "new.py")
        time.sleep(0.1)
        memories.stop()
        stopping.start()
        stopping.join(20)
        assert not stopping.is_alive()


def test_a_file_that_is_saved_while_others_work_on_the_memory_is_remembered_after_that(
    memories: Memories, project: Path
) -> None:
    wait(memories, project)
    (project / "new.py").write_text("new = 3\n")
    with FileLock(memory.folder_of(memories_dir(), project) / ".lock"):
        memories.refresh_file(project / "new.py")
        time.sleep(2)
    memories._worker.submit(lambda: None).result(60)
    assert known(memories, project) == {"app.py", "new.py", "other.py"}


def test_a_kill_of_the_process_that_reads_a_folder_leaves_what_was_remembered_and_the_next_one_reads_it(
    memories: Memories, project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wait(memories, project)
    (project / "new.py").write_text("new = 3\n")
    again = Memories()
    begun = again.add(project)
    assert begun is not None
    while (child := again._child) is None:
        time.sleep(0.001)
    child.kill()
    begun.result(60)
    again.stop()
    assert "could not be built" in caplog.text
    assert f"exit code {child.returncode}" in caplog.text
    assert [len(found.files) for found, _ in again.around(str(project / "there.py"))] == [2]
    third = Memories()
    wait(third, project)
    assert sum(len(found.files) for found, _ in third.around(str(project / "there.py"))) == 3
    third.stop()


def test_a_folder_that_is_closed_is_not_used_any_more(memories: Memories, project: Path) -> None:
    wait(memories, project)
    memories.remove(project)
    assert memories.around(str(project / "app.py")) == []
    assert memories.version(str(project / "app.py")) == 0


def test_a_document_whose_folder_is_closed_and_another_around_it_opened_sees_another_memory(
    memories: Memories, project: Path
) -> None:
    (project / "inner").mkdir()
    (project / "inner" / "deep.py").write_text("deep = 4\n")
    file = str(project / "inner" / "new.py")
    wait(memories, project)
    before = memories.version(file)
    memories.remove(project)
    wait(memories, project / "inner")
    assert memories.version(file) != before


def test_the_reading_of_a_folder_ends_when_it_is_closed(
    memories: Memories, project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    begun = memories.add(project)
    assert begun is not None
    while (child := memories._child) is None:
        time.sleep(0.001)
    memories.remove(project)
    begun.result(60)
    assert child.returncode != 0
    assert memories.held == []
    assert caplog.text == ""


def test_other_projects_help_only_where_the_user_wants_it(memories: Memories, project: Path) -> None:
    other = project.parent / "elsewhere"
    other.mkdir()
    (other / "there.py").write_text("value = 5\n")
    wait(memories, project)
    wait(memories, other)
    assert memories.beside(str(project / "app.py")) == []
    willing = Memories(reads_others=lambda: True)
    wait(willing, project)
    assert [len(found.files) for found, _ in willing.beside(str(project / "app.py"))] == [1]
    assert willing.beside(str(project.parent / "no_project.py")) == []
    willing.stop()


def test_what_another_process_makes_of_a_memory_is_noticed(
    memories: Memories, project: Path, registry: Registry
) -> None:
    wait(memories, project)
    file = project / "app.py"
    before = memories.version(str(file))
    forgetting.forget([project / "other.py"], registry)
    until(lambda: memories.version(str(file)) > before)
    assert [[one.key for one in segment.files] for segment, _ in memories.around(str(file))] == [["app.py"]]
    forgetting.forget([project], registry)
    until(lambda: memories.around(str(file)) == [])


def test_what_another_process_makes_of_the_memory_of_another_project_is_noticed_too(
    project: Path, registry: Registry
) -> None:
    other = project.parent / "elsewhere"
    other.mkdir()
    (other / "there.py").write_text("value = 5\n")
    willing = Memories(reads_others=lambda: True)
    wait(willing, other)
    wait(willing, project)
    file = str(project / "app.py")
    assert len(willing.beside(file)) == 1
    before = willing.version(file)
    forgetting.forget([other], registry)
    until(lambda: willing.version(file) > before and willing.beside(file) == [])
    willing.stop()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_home_folder_and_a_whole_disk_are_no_projects(memories: Memories, project: Path) -> None:
    assert memories.add(Path.home()) is None
    assert memories.add(Path(project.anchor)) is None
    assert memories.add(project / "app.py") is None


def test_the_repository_around_a_file_is_its_project(project: Path) -> None:
    assert project_around(project / "deep" / "er" / "x.py") == project
    assert project_around(Path(project.anchor) / "x.py") is None


def test_stopping_ends_what_is_being_built(memories: Memories, project: Path) -> None:
    for number in range(400):
        (project / f"many_{number}.py").write_text(f"value_{number} = {number}\n" * 2000)
    begun = memories.add(project)
    assert begun is not None
    memories.stop()
    begun.cancel()
    if not begun.cancelled():
        begun.result(10)
    assert memories.around(str(project / "app.py")) == []
