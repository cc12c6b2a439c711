"""Which files may be read: one file at a time and a whole folder agree, whatever the rules and names."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foretype.model.files import candidates, is_off_limits, may_be_read

NAMES = ["a.py", "b.log", "c.txt", ".env", "x.lock", "id_rsa", "app.min.js", "notes"]
FOLDERS = ["src", "out", "deep", "node_modules", ".hidden"]
RULES = [
    "*.log",
    "out/",
    "/out/",
    "!b.log",
    "deep/*.txt",
    "src/**/c.txt",
    "notes",
    "!notes",
    "/a.py",
    "*",
    "!*.py",
    "# x",
]

trees = st.dictionaries(
    st.lists(st.sampled_from(FOLDERS), max_size=3).map(tuple),
    st.tuples(
        st.sets(st.sampled_from(NAMES), min_size=1),
        st.lists(st.sampled_from(RULES), max_size=4),
        st.sampled_from([".gitignore", ".foretypeignore"]),
    ),
    min_size=1,
    max_size=6,
)


def plant(root: Path, tree: dict[tuple[str, ...], tuple[set[str], list[str], str]]) -> list[Path]:
    files = []
    for folders, (names, rules, ignore_file) in tree.items():
        folder = root.joinpath(*folders)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ignore_file).write_text("".join(f"{rule}\n" for rule in rules))
        for name in [*names, ignore_file]:
            (folder / name).touch()
            files.append(folder / name)
    return files


@settings(max_examples=60)
@given(
    tree=trees, repository=st.sampled_from([None, ".", "src"]), named=st.sampled_from([".", "src", "out", "src/deep"])
)
def test_a_file_may_be_read_by_itself_exactly_when_its_folder_yields_it(
    tree: dict[tuple[str, ...], tuple[set[str], list[str], str]], repository: str | None, named: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder).resolve()
        files = plant(top, tree)
        if repository is not None:
            (top / repository / ".git").mkdir(parents=True, exist_ok=True)
        root = top / named
        below = [file for file in files if file.is_relative_to(root)]
        yielded = {path for path, _ in candidates(root, {})} if root.is_dir() else set()
        assert {file for file in below if may_be_read(root, file)} == yielded


@settings(max_examples=60)
@given(tree=trees)
def test_what_is_off_limits_in_a_repository_is_never_read(
    tree: dict[tuple[str, ...], tuple[set[str], list[str], str]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        files = plant(root, tree)
        (root / ".git").mkdir()
        yielded = {path for path, _ in candidates(root, {})}
        assert not {file for file in files if is_off_limits(file)} & yielded


def test_every_file_is_yielded_or_lies_in_what_was_left_out(tmp_path: Path) -> None:
    tree = {("src",): (set(NAMES), ["*.log"], ".gitignore"), ("src", "node_modules"): ({"a.py"}, [], ".gitignore")}
    files = plant(tmp_path, tree)
    left_out: dict[Path, str] = {}
    yielded = {path for path, _ in candidates(tmp_path, left_out)}
    assert all((file in yielded) != any(file.is_relative_to(one) for one in left_out) for file in files)
    assert left_out[tmp_path / "src/node_modules"] == "vendored folder"
    assert left_out[tmp_path / "src/b.log"] == "ignored"


def test_a_linked_folder_is_followed_neither_way(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a.py").touch()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert [key for _, key in candidates(tmp_path, {})] == ["real/a.py"]
    assert not may_be_read(tmp_path, tmp_path / "link/a.py")


@pytest.mark.parametrize("name", ["poetry.lock", "package-lock.json", "app.min.js", "app.js.map", "go.sum"])
def test_what_only_programs_read_is_passed_over(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    left_out: dict[Path, str] = {}
    assert list(candidates(tmp_path, left_out)) == []
    assert left_out == {tmp_path / name: "machine-made"}


@pytest.mark.parametrize("name", [".env", ".env.local", "server.pem"])
def test_a_file_that_holds_keys_is_not_read_even_if_it_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    left_out: dict[Path, str] = {}
    assert list(candidates(tmp_path / name, left_out)) == []
    assert left_out == {tmp_path / name: "private"}


def test_rules_behind_a_byte_order_mark_hold_from_the_first_one_on(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("plans.md\n*.log\n", encoding="utf-8-sig")
    for name in ("plans.md", "a.log", "a.py"):
        (tmp_path / name).touch()
    assert {key for _, key in candidates(tmp_path, {})} == {".gitignore", "a.py"}


def test_what_a_repository_excludes_for_this_user_alone_is_not_read_unless_its_own_rules_say_so(tmp_path: Path) -> None:
    (tmp_path / ".git/info").mkdir(parents=True)
    (tmp_path / ".git/info/exclude").write_text("journal.md\n*.log\n")
    (tmp_path / ".gitignore").write_text("!kept.log\n")
    (tmp_path / "src").mkdir()
    for name in ("journal.md", "a.log", "kept.log", "src/journal.md", "src/a.py"):
        (tmp_path / name).touch()
    assert {key for _, key in candidates(tmp_path, {})} == {".gitignore", "kept.log", "src/a.py"}
    assert [key for _, key in candidates(tmp_path / "src", {})] == ["a.py"]
    assert not may_be_read(tmp_path, tmp_path / "src/journal.md")
    assert is_off_limits(tmp_path / "journal.md")


@contextmanager
def folders_in_each_other(top: Path, name: str, depth: int) -> Iterator[None]:
    """Make folders whose paths may be longer than a path can be, with a file in each, and take them away again."""
    home, made = Path.cwd(), 0
    os.chdir(top)
    try:
        while made < depth:
            Path(name).mkdir()
            os.chdir(name)
            Path("a.py").touch()
            made += 1
        yield
    finally:
        for _ in range(made):
            Path("a.py").unlink()
            os.chdir("..")
            Path(name).rmdir()
        os.chdir(home)


@pytest.mark.skipif(sys.platform == "win32", reason="a path on Windows has room for no such depth")
def test_folders_that_lie_deeper_in_each_other_than_functions_may_are_read_to_the_last(tmp_path: Path) -> None:
    limit, depth = sys.getrecursionlimit(), 400
    with folders_in_each_other(tmp_path, "d", depth):
        sys.setrecursionlimit(depth - 100)
        try:
            assert sum(1 for _ in candidates(tmp_path, {})) == depth
        finally:
            sys.setrecursionlimit(limit)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes no folder whose path is too long for it")
def test_what_lies_too_deep_for_a_path_is_left_out_and_all_else_is_read(tmp_path: Path) -> None:
    left_out: dict[Path, str] = {}
    (tmp_path / "z.py").touch()
    with folders_in_each_other(tmp_path, "n" * 250, 20):
        yielded = [key for _, key in candidates(tmp_path, left_out)]
    assert yielded[-1] == "z.py"
    assert 1 < len(yielded) < 20
    assert set(left_out.values()) == {"unreadable"}


def test_a_name_that_no_file_can_have_may_not_be_read_and_is_not_off_limits(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*.log\n")
    name = tmp_path / ("n" * 300)
    assert not may_be_read(tmp_path, name)
    assert not is_off_limits(name)
    assert is_off_limits(name.with_suffix(".log"))
