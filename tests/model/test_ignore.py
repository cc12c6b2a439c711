"""Ignore rules, held against git's own answers, and what git's configuration adds to them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.training.repository import History, needs_git

from foretype.model.files import candidates, is_off_limits, may_be_read

ODD = [] if sys.platform == "win32" else ["a\\b", "*", "b "]
NAMES = ["a", "b", "Foo", "foo", "x.txt", "y.md", "a b", "#x", "!y", "[z]", "-n", "build", *ODD]
PARTS = [
    *NAMES, "*", "**", "*.txt", "f*", "?oo", "[a-c]", "[!a]", "[^a]", "[a", "\\#x",
    "\\!y", "a\\ ", "\\*", "[]a]", "[a-]", "x\\", "[\\]]", "[z-a]", "\\f\\oo", "*o*o*",
]  # fmt: skip
patterns = st.builds(
    lambda parts, begin, end: begin + "/".join(parts) + end,
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=3),
    st.sampled_from(["", "", "", "!", "/", "!/", "#", "**/"]),
    st.sampled_from(["", "", "", "/", "/**", " ", "  ", "\r"]),
)
paths = st.lists(st.sampled_from(NAMES), min_size=1, max_size=4)


def plant(top: Path, path: list[str]) -> Path | None:
    """Make an empty file unless a file is in its way, or it has taken the place of a folder."""
    file = top.joinpath(*path)
    if any(folder.is_file() for folder in file.parents) or file.is_dir():
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    return file


def ignored_by_git(top: Path, files: set[Path]) -> set[Path]:
    """Return those that git itself leaves out, whether it keeps track of them or not."""
    names = "\0".join(str(file.relative_to(top)) for file in files)
    command = ["git", "-C", str(top), "check-ignore", "--no-index", "-z", "--stdin"]
    said = subprocess.run(command, input=os.fsencode(names), stdout=subprocess.PIPE, check=False).stdout
    return {top / os.fsdecode(name) for name in said.split(b"\0") if name}


@needs_git
@settings(max_examples=120, derandomize=True)  # a library differs from git in corners that chance would find some day
@given(
    files=st.lists(paths, min_size=4, max_size=12),
    rules=st.lists(st.tuples(st.lists(st.sampled_from(NAMES), max_size=2), st.lists(patterns, min_size=1, max_size=5))),
)
def test_what_git_leaves_out_is_not_read_and_all_else_is(
    files: list[list[str]], rules: list[tuple[list[str], list[str]]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        History(top)
        for place, lines in rules:
            if (file := plant(top, [*place, ".gitignore"])) is not None:
                file.write_bytes("\n".join(lines).encode())
        planted = {file for path in files if (file := plant(top, path)) is not None}
        kept = planted - ignored_by_git(top, planted)
        assert {path for path, _ in candidates(top, {}) if path.name != ".gitignore"} == kept
        assert {file for file in planted if may_be_read(top, file)} == kept


def kept_by(tmp_path: Path, rules: str, *names: str) -> set[str]:
    """Return the files that are read of those that are named, beside an ignore file."""
    (tmp_path / ".gitignore").write_text(rules)
    for name in names:
        plant(tmp_path, name.split("/"))
    return {key for _, key in candidates(tmp_path, {})} - {".gitignore"}


def test_a_rule_that_means_nothing_takes_none_of_the_others_along(tmp_path: Path) -> None:
    rules = "x\\\n[z-a]\n/\n[open\n[[:nothing:]]\nplans.md\n"
    assert kept_by(tmp_path, rules, "plans.md", "a.py") == {"a.py"}


def test_a_folder_is_left_out_by_a_rule_behind_one_that_takes_everything_back(tmp_path: Path) -> None:
    assert kept_by(tmp_path, "*.log\n!*\nprivate/\n", "private/diary.md", "a.log") == {"a.log"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a user whose git is not configured yet."""
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def repository(folder: Path, configuration: str = "") -> Path:
    """Return a working tree with the least that we look at, and two files in it."""
    (folder / ".git/info").mkdir(parents=True)
    (folder / ".git/config").write_text(configuration)
    (folder / "src").mkdir()
    for name in ("journal.md", "src/a.py"):
        (folder / name).touch()
    return folder


def assert_is_left_out(tree: Path, name: str = "journal.md") -> None:
    assert {key for _, key in candidates(tree, {})} == {"src/a.py"}
    assert is_off_limits(tree / name)
    assert not may_be_read(tree, tree / name)


@pytest.mark.parametrize(
    "configuration",
    [
        "[core]\n\texcludesFile = ~/ignored\n",
        '[user]\n\tname = A "B" # C\n[CORE] excludesfile = "~/ign\\\nored" ; for all\n',
        "[core]\n\texcludesFile = nowhere\n[include]\n\tpath = more\n",
    ],
)
def test_what_the_user_excludes_in_all_repositories_is_not_read(home: Path, configuration: str) -> None:
    (home / ".gitconfig").write_text(configuration)
    (home / "more").write_text("[core]\n\texcludesFile = ~/ignored\n")
    (home / "ignored").write_text("journal.md\n")
    assert_is_left_out(repository(home / "tree"))


def test_without_a_word_about_it_the_file_that_git_looks_for_says_what_is_excluded(home: Path) -> None:
    (home.parent / "configuration/git").mkdir(parents=True)
    (home.parent / "configuration/git/ignore").write_text("journal.md\n")
    assert_is_left_out(repository(home / "tree"))


def test_a_repository_may_name_another_file_than_its_user_and_its_own_rules_say_more(home: Path) -> None:
    (home / ".gitconfig").write_text("[core]\nexcludesFile = ~/ignored\n")
    (home / "ignored").write_text("a.py\n")
    tree = repository(home / "tree", "[core]\n\texcludesFile = info\n")
    (tree / "info").write_text("journal.md\ninfo\nsrc\n")
    (tree / ".git/info/exclude").write_text("!src\n")
    assert_is_left_out(tree)


def test_what_belongs_to_no_repository_is_none_of_the_business_of_git(home: Path) -> None:
    (home.parent / "configuration/git").mkdir(parents=True)
    (home.parent / "configuration/git/ignore").write_text("*\n")
    (home / "notes.md").touch()
    assert [key for _, key in candidates(home, {})] == ["notes.md"]


def test_names_that_differ_in_case_are_the_same_where_git_says_so(home: Path) -> None:
    tree = repository(home / "tree", "[core]\n\tignoreCase = true\n")
    (tree / ".git/info/exclude").write_text("JOURNAL.*\n")
    assert_is_left_out(tree)


@needs_git
def test_a_working_tree_beside_the_first_one_has_the_rules_of_its_repository(tmp_path: Path) -> None:
    history = History(tmp_path / "first")
    history.commit({"journal.md": "", "src/a.py": ""})
    history.git("worktree", "add", str(tmp_path / "second"))
    (tmp_path / "first/.git/info").mkdir(exist_ok=True)
    (tmp_path / "first/.git/info/exclude").write_text("journal.md\n")
    assert_is_left_out(tmp_path / "second")


@needs_git
def test_a_repository_within_another_has_its_own_rules(tmp_path: Path) -> None:
    History(tmp_path / "part").commit({"journal.md": "", "src/a.py": ""})
    whole = History(tmp_path / "whole")
    whole.git("submodule", "add", "--quiet", str(tmp_path / "part"), "part")
    (whole.folder / ".git/modules/part/info").mkdir(exist_ok=True)
    (whole.folder / ".git/modules/part/info/exclude").write_text("journal.md\n")
    assert_is_left_out(whole.folder / "part")
    assert {key for _, key in candidates(whole.folder, {})} == {".gitmodules", "part/src/a.py"}


@needs_git
def test_what_git_keeps_for_itself_is_no_text_of_the_user(tmp_path: Path) -> None:
    History(tmp_path / "tree").commit({"a.py": ""})
    (tmp_path / "tree").joinpath("link").mkdir()
    History(tmp_path / "tree/link").git("clone", "--quiet", "--bare", str(tmp_path / "tree"), "all.git")
    left_out: dict[Path, str] = {}
    assert [key for _, key in candidates(tmp_path / "tree", left_out)] == ["a.py"]
    assert left_out[tmp_path / "tree/link/all.git"] == "git's own"
