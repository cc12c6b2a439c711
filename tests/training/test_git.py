"""Reading a repository: its commits, what they changed, and whatever else git can hold."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.training.repository import FIRST_SECONDS, History, needs_git

from foretype.model.errors import UserError
from foretype.training.git import Change, Hunk, Repository, is_within

pytestmark = needs_git


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "repository")


def changes(history: History, before: str, after: str, *, moves: bool = False) -> list[Change]:
    with Repository(history.folder) as repository:
        return list(repository.changes(before or repository.empty_tree, after, moves=moves))


def test_commits_come_oldest_first_and_the_first_one_has_the_empty_tree_for_a_parent(history: History) -> None:
    one, two = history.commit({"a.py": "x = 1\n"}), history.commit({"a.py": "x = 2\n"})
    with Repository(history.folder) as repository:
        first, second = repository.commits()
        assert (first.name, first.parent) == (one, repository.empty_tree)
        assert (second.name, second.parent) == (two, one)
        assert second.seconds - first.seconds == 24 * 3600
        assert first.seconds > FIRST_SECONDS


def test_commits_whose_time_is_missing_damaged_or_beyond_all_calendars_are_read_all_the_same(history: History) -> None:
    history.commit({"a.py": "x = 1\n"})
    for time in ("99999999999999 +0000", "", "-5 +0000"):
        about = history.git("cat-file", "commit", "HEAD").splitlines()
        head = [f"parent {history.git('rev-parse', 'HEAD')}", f"author A <a@x> {time}", f"committer A <a@x> {time}"]
        raw = history.folder / ".git/raw"
        raw.write_text("\n".join([about[0], *head, "", "message\n"]))
        name = history.git("hash-object", "-t", "commit", "-w", "--literally", str(raw))
        history.git("update-ref", "HEAD", name)
    with Repository(history.folder) as repository:
        found = repository.commits()
    assert [commit.seconds > FIRST_SECONDS for commit in found] == [True] * 4
    assert [datetime.fromtimestamp(commit.seconds, UTC).year for commit in found[1:]] == [9999] * 3
    assert [commit.parent for commit in found[1:]] == [commit.name for commit in found[:-1]]


def test_of_a_merge_the_first_parent_is_followed(history: History) -> None:
    base = history.commit({"a.py": "x = 1\n"})
    history.git("checkout", "--quiet", "-b", "side")
    history.commit({"b.py": "y = 1\n"})
    history.commit({"b.py": "y = 2\n"})
    history.git("checkout", "--quiet", "main")
    main = history.commit({"a.py": "x = 3\n"})
    history.git("merge", "--quiet", "--no-ff", "-m", "merge", "side")
    with Repository(history.folder) as repository:
        assert [commit.parent for commit in repository.commits()] == [repository.empty_tree, base, main]
    merge = history.git("rev-parse", "HEAD")
    assert [change.path for change in changes(history, main, merge)] == ["b.py"]


def test_a_file_that_was_moved_is_one_change_and_a_deleted_one_has_no_blob_after(history: History) -> None:
    text = "".join(f"line_{number} = {number}\n" for number in range(20))
    before = history.commit({"a.py": text, "gone.py": "z = 1\n"})
    history.git("mv", "a.py", "b.py")
    after = history.commit({"gone.py": None})
    by_path = {change.path: change for change in changes(history, before, after, moves=True)}
    assert by_path["b.py"].path_before == "a.py"
    assert by_path["b.py"].before == by_path["b.py"].after
    assert by_path["gone.py"].after is None
    assert {change.path for change in changes(history, before, after)} == {"a.py", "b.py", "gone.py"}


def test_links_and_other_repositories_have_no_text(history: History, tmp_path: Path) -> None:
    inner = History(tmp_path / "inner")
    inner.commit({"there.py": "there = 1\n"})
    history.commit({"a.py": "x = 1\n"})
    before = history.git("rev-parse", "HEAD")
    history.git("submodule", "--quiet", "add", str(inner.folder), "sub")
    (history.folder / "link.py").symlink_to("a.py")
    after = history.commit({})
    found = {change.path: change.after for change in changes(history, before, after)}
    assert found.keys() == {".gitmodules", "sub", "link.py"}
    assert found["sub"] is None
    assert found["link.py"] is None
    assert found[".gitmodules"] is not None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse some of these names")
def test_names_of_any_bytes_are_read_as_the_system_reads_them(history: History) -> None:
    names = ["größe.py", "two\nlines.py", ":100644 b.py", 'quo"te\\.py', os.fsdecode(b"latin-\xe9.py"), " x ", "-n"]
    after = history.commit({name: f"# {index}\n" for index, name in enumerate(names)})
    found = changes(history, "", after)
    assert {change.path for change in found} == set(names)
    with Repository(history.folder) as repository:
        for change in found:
            assert change.after is not None
            assert repository.blob(change.after, 100) == f"# {names.index(change.path)}\n".encode()


def test_a_blob_that_is_too_large_or_missing_is_none_and_the_next_one_is_read(history: History) -> None:
    after = history.commit({"large.bin": b"\0\n" * 3_000_000, "small.py": "x = 1\n", "empty": ""})
    blobs = {change.path: change.after or "" for change in changes(history, "", after)}
    with Repository(history.folder) as repository:
        assert repository.blob(blobs["large.bin"], 1000) is None
        assert repository.blob("0" * 40, 1000) is None
        assert repository.blob(blobs["empty"], 1000) == b""
        assert repository.blob(blobs["small.py"], 1000) == b"x = 1\n"


def test_hunks_name_lines_on_both_sides(history: History) -> None:
    before = history.commit({"a.py": "1\n2\n3\n4\n5\n"})
    after = history.commit({"a.py": "0\n1\n2\nthree\n4\n"})
    [change] = changes(history, before, after)
    assert change.before is not None
    assert change.after is not None
    with Repository(history.folder) as repository:
        assert repository.hunks(change.before, change.after) == [
            Hunk(range(0), range(1)),
            Hunk(range(2, 3), range(3, 4)),
            Hunk(range(4, 5), range(5, 5)),
        ]


def test_hunks_are_found_from_a_folder_below_the_root_whatever_the_user_has_diffs_relative_to(history: History) -> None:
    before, after = history.commit({"in/a.py": "x = 1\n"}), history.commit({"in/a.py": "x = 1\ny = 2\n"})
    history.git("config", "diff.relative", "true")
    (change,) = changes(history, before, after)
    assert change.before is not None
    assert change.after is not None
    with Repository(history.folder / "in") as repository:
        assert repository.hunks(change.before, change.after) == [Hunk(range(1, 1), range(1, 2))]


def test_an_empty_repository_a_folder_without_one_and_a_missing_path_are_refused(
    history: History, tmp_path: Path
) -> None:
    with Repository(history.folder) as repository, pytest.raises(UserError, match="no commits yet"):
        repository.commits()
    (tmp_path / "plain").mkdir()
    with pytest.raises(UserError, match="not a git repository"):
        Repository(tmp_path / "plain")
    with pytest.raises(UserError, match="does not exist"):
        Repository(tmp_path / "nowhere")


def test_without_git_it_is_said_that_it_is_missing(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(history.folder))
    with pytest.raises(UserError, match="git, which is not installed"):
        Repository(history.folder)


def test_a_bare_repository_and_one_named_by_the_environment_are_told_apart(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = history.commit({"a.py": "x = 1\n"})
    history.git("clone", "--quiet", "--bare", str(history.folder), str(tmp_path / "bare.git"))
    other = History(tmp_path / "other")
    other.commit({"b.py": "y = 1\n"})
    monkeypatch.setenv("GIT_DIR", str(other.folder / ".git"))
    for folder in (history.folder, tmp_path / "bare.git"):
        with Repository(folder) as repository:
            assert [commit.name for commit in repository.commits()] == [name]


def test_where_history_was_cut_off_the_oldest_commit_is_left_out(history: History, tmp_path: Path) -> None:
    names = [history.commit({"a.py": f"x = {number}\n"}) for number in range(4)]
    address = history.folder.as_uri()
    history.git("clone", "--quiet", "--depth", "2", address, str(tmp_path / "shallow"))
    with Repository(tmp_path / "shallow") as repository:
        assert [(commit.name, commit.parent) for commit in repository.commits()] == [(names[3], names[2])]
    history.git("clone", "--quiet", "--depth", "1", address, str(tmp_path / "one"))
    with Repository(tmp_path / "one") as repository, pytest.raises(UserError, match="shallow clone of one commit"):
        repository.commits()


def test_no_program_that_a_repository_names_is_run(history: History, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    before = history.commit({".gitattributes": "*.py diff=own\n", "a.py": "x = 1\n"})
    after = history.commit({"a.py": "x = 2\n"})
    for name in ("diff.own.textconv", "diff.own.command", "diff.external", "core.fsmonitor", "core.pager"):
        history.git("config", name, f"touch {ran}; cat")
    [change] = changes(history, before, after)
    with Repository(history.folder) as repository:
        assert change.before is not None
        assert change.after is not None
        assert len(repository.commits()) == 2
        assert repository.hunks(change.before, change.after) == [Hunk(range(1), range(1))]
    assert not ran.exists()


@pytest.mark.parametrize("path", ["../a.py", "a/../../b.py", "/etc/passwd", ""])
def test_paths_that_lead_elsewhere_are_known(path: str) -> None:
    assert not is_within(path)
    assert is_within("a/b..c/d.py")
