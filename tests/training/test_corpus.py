"""The corpus: which files are read, which are left out and why, and a split that never changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from foretype.model.errors import UserError
from foretype.model.files import MAX_FILE_BYTES
from foretype.training.corpus import read


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def keys(folder: Path) -> set[str]:
    return {file.key for file in read([folder]).files}


def test_text_files_are_found_below_a_folder_and_named_from_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "a = 1\n", "deep/er/b.go": "package b\n", ".github/x.yml": "on: push\n"})
    assert keys(tmp_path) == {"a.py", "deep/er/b.go"}


def test_git_ignore_rules_hold_the_innermost_first(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".gitignore": "*.log\n/out/\nbuild/\n",
            "a.log": "ignored\n",
            "out/a.py": "ignored = 1\n",
            "deep/out/b.py": "kept = 1\n",
            "deep/build/c.py": "ignored = 2\n",
            "deep/.gitignore": "!keep.log\nown.txt\n",
            "deep/keep.log": "kept\n",
            "deep/own.txt": "ignored\n",
            "own.txt": "kept too\n",
        },
    )
    assert keys(tmp_path) == {".gitignore", "deep/.gitignore", "deep/out/b.py", "deep/keep.log", "own.txt"}


def test_rules_of_the_repository_hold_in_a_folder_within_it(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*\n"})  # outside the repository: says nothing about it
    repository = tmp_path / "repository"
    write(repository, {".git/HEAD": "ref\n", ".gitignore": "secret.py\n/inner/own.py\n", "top.py": "t = 1\n"})
    write(
        repository / "inner", {"secret.py": "s = 1\n", "own.py": "o = 1\n", "deep/secret.py": "s = 2\n", "a.py": "a\n"}
    )
    assert keys(repository / "inner") == {"a.py"}
    assert keys(repository) == {".gitignore", "top.py", "inner/a.py"}


def test_an_ignored_folder_that_is_named_is_read_by_its_own_rules(tmp_path: Path) -> None:
    write(tmp_path, {".git/HEAD": "ref\n", ".gitignore": "/versions/\n*.log\n"})
    write(tmp_path / "versions/3/lib", {"a.py": "a = 1\n", "b.log": "b\n", ".gitignore": "own.py\n", "own.py": "o\n"})
    assert keys(tmp_path / "versions/3/lib") == {".gitignore", "a.py", "b.log"}
    write(tmp_path / "logs", {"x.log": "x\n"})
    with pytest.raises(UserError, match="1 ignored"):
        read([tmp_path / "logs"])


def test_a_folder_in_no_repository_heeds_its_own_rules_only(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "*.py\n", "inner/a.py": "a = 1\n"})
    assert keys(tmp_path / "inner") == {"a.py"}


def test_foretypes_own_ignore_file_adds_to_gits(tmp_path: Path) -> None:
    write(tmp_path, {".foretypeignore": "private/\n", "private/a.py": "a = 1\n", "b.py": "b = 1\n"})
    assert keys(tmp_path) == {".foretypeignore", "b.py"}


def test_source_code_about_secrets_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"secrets.py": "token = make()\n", "credentials.go": "package x\n"})
    assert keys(tmp_path) == {"secrets.py", "credentials.go"}


@pytest.mark.parametrize(
    "name",
    [
        "secrets.yaml",
        ".env",
        ".env.local",
        "prod.env",
        "server.pem",
        "id_rsa",
        "ID_ED25519.pub",
        "key.p12",
        ".netrc",
        ".npmrc",
    ],
)
def test_files_that_hold_keys_are_never_read(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: "password\n", "a.py": "a = 1\n"})
    corpus = read([tmp_path])
    assert {file.key for file in corpus.files} == {"a.py"}
    assert corpus.left_out["private"] == 1


def test_what_is_no_hand_written_text_is_left_out_with_the_reason(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.py": "a = 1\n",
            "copy.py": "a = 1\n",
            "data.bin": b"\0\1",
            "latin.txt": b"caf\xe9",
            "blank.txt": " \n",
            "huge.txt": "x\n" * (MAX_FILE_BYTES // 2 + 1),
            "node_modules/m.js": "m\n",
            ".venv/v.py": "v = 1\n",
        },
    )
    (tmp_path / "link.py").symlink_to(tmp_path / "a.py")
    corpus = read([tmp_path])
    assert {file.key for file in corpus.files} == {"a.py"}
    read_but_useless = {"duplicate": 1, "binary": 1, "not UTF-8": 1, "empty": 1, "too large": 1}
    assert corpus.left_out == read_but_useless | {"link": 1, "vendored folder": 1, "hidden folder": 1}
    assert "1 files" in corpus.summary()
    assert "1 binary" in corpus.summary()


def test_line_ends_and_a_byte_order_mark_are_made_alike(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": b"\xef\xbb\xbfa = 1\r\nb = 2\r\n"})
    assert read([tmp_path]).files[0].text == b"a = 1\nb = 2\n"


def test_nothing_to_learn_from_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="found no files"):
        read([tmp_path])
    with pytest.raises(UserError, match="does not exist"):
        read([tmp_path / "nowhere"])
    write(tmp_path, {"a.bin": b"\0"})
    with pytest.raises(UserError, match="found 1 binary"):
        read([tmp_path])


def test_whole_files_are_held_out_and_always_the_same_ones(project: Path, tmp_path: Path) -> None:
    train, held_out = read([project]).split()
    assert {file.key for file in train.files}.isdisjoint(file.key for file in held_out.files)
    assert len(train.files) + len(held_out.files) == 12
    assert held_out.files
    moved = project.rename(tmp_path / "elsewhere")
    assert {f.key for f in read([moved]).split()[1].files} == {f.key for f in held_out.files}


def test_two_files_are_split_one_to_one_and_a_single_file_by_its_lines(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "a = 1\n" * 50, "b.py": "b = 1\n" * 50})
    train, held_out = read([tmp_path]).split()
    assert (len(train.files), len(held_out.files)) == (1, 1)
    train, held_out = read([tmp_path / "a.py"]).split()
    assert train.files[0].text + held_out.files[0].text == b"a = 1\n" * 50
    assert held_out.files[0].text


def test_a_single_line_cannot_be_split_and_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "a = 1"})
    with pytest.raises(UserError, match="single line"):
        read([tmp_path]).split()


def test_the_fingerprint_changes_with_any_text(project: Path) -> None:
    before = read([project]).fingerprint()
    assert read([project]).fingerprint() == before
    (project / "names_0.py").write_text("changed = 1\n")
    assert read([project]).fingerprint() != before
