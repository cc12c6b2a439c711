"""The corpus: which files are read, which are left out and why, and a split that never changes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from foretype.model.errors import UserError
from foretype.model.files import MAX_FILE_BYTES, MAX_NAMED_FILE_BYTES
from foretype.model.secrets import scrub
from foretype.training import corpus
from foretype.training.corpus import read, survey
from foretype.training.corpus_report import lines, report


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


def test_what_is_no_text_is_left_out_with_the_reason(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.py": "a = 1\n",
            "data.bin": b"\0\1",
            "odd.txt": b"\1\2\xff\xfe\xfd",
            "blank.txt": " \n",
            "huge.txt": "x\n" * (MAX_FILE_BYTES // 2 + 1),
            "node_modules/m.js": "m\n",
            ".venv/v.py": "v = 1\n",
        },
    )
    (tmp_path / "link.py").symlink_to(tmp_path / "a.py")
    corpus = read([tmp_path])
    assert {file.key for file in corpus.files} == {"a.py"}
    read_but_useless = {"binary": 1, "unknown encoding": 1, "empty": 1, "too large": 1}
    assert corpus.left_out == read_but_useless | {"link": 1, "vendored folder": 1, "hidden folder": 1}
    assert corpus.refused[tmp_path / "data.bin"] == "binary"
    assert "1 file, " in corpus.summary()
    assert "1 binary" in corpus.summary()


def test_what_nobody_wrote_by_hand_is_left_out_with_the_reason(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.py": "a = 1\n",
            "third_party/z.c": "int z;\n",
            "api_pb2.py": "x = 1\n",
            "made.py": "# Code generated by protoc. DO NOT EDIT.\nx = 2\n",
            "poetry.lock": "[[package]]\n",
            "tests/fixtures/big.json": '{"name": "x"}\n',
            "table.csv": "1,2,3,4,5,6,7\n" * 9,
            "app.js": "function f(){return 1};" * 100,
        },
    )
    assert keys(tmp_path) == {"a.py"}
    expected = {"vendored": 1, "generated": 2, "machine-made": 1, "data": 2, "minified": 1}
    assert read([tmp_path]).left_out == expected


def test_source_code_among_data_is_learnt_and_so_is_what_the_user_names(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "datasets/loader.py": "def load():\n    return 1\n",
            "i18n/index.ts": "export const a = 1\n",
            "corpus/a.json": "{}\n",
        },
    )
    assert keys(tmp_path) == {"datasets/loader.py", "i18n/index.ts"}
    assert [file.key for file in read([tmp_path / "corpus/a.json"]).files] == ["a.json"]


def test_prose_in_a_script_without_spaces_is_learnt(tmp_path: Path) -> None:
    paragraph = "春眠不觉晓、处处闻啼鸟。夜来风雨声、花落知多少。" * 12
    write(tmp_path, {"poems.txt": f"{paragraph}\n\n{paragraph}\n", "data.txt": f"{'0a1b2c3d' * 100}\n"})
    found = read([tmp_path])
    assert {file.key for file in found.files} == {"poems.txt"}
    assert found.left_out["minified"] == 1


def test_a_book_that_is_named_may_be_larger_than_a_file_of_a_folder(tmp_path: Path) -> None:
    lines = "\n".join(f"What was said of the {number} lay in another drawer." for number in range(30_000))
    write(tmp_path, {"book.txt": lines, "note.txt": "See the book.\n"})
    assert len(lines) > MAX_FILE_BYTES
    assert {file.key for file in read([tmp_path]).files} == {"note.txt"}
    (book,) = read([tmp_path / "book.txt"]).files
    assert book.nbytes == len(lines)
    (tmp_path / "book.txt").write_bytes(b"x\n" * (MAX_NAMED_FILE_BYTES // 2 + 1))
    with pytest.raises(UserError, match="1 too large"):
        read([tmp_path / "book.txt"])


def test_prose_with_a_line_a_paragraph_is_learnt(tmp_path: Path) -> None:
    write(tmp_path, {"notes.md": "It was a bright cold day in April, and nobody had a clock at hand. " * 60})
    assert keys(tmp_path) == {"notes.md"}


def test_of_texts_that_nearly_repeat_each_other_the_newest_is_learnt(tmp_path: Path) -> None:
    text = "".join(f"def step_{number}(value):\n    return value + {number * 7}\n" for number in range(60))
    write(tmp_path, {"a.py": text, "b.py": text.replace("step_7(", "seventh("), "c.py": text})
    for age, name in enumerate(["b.py", "c.py", "a.py"]):
        os.utime(tmp_path / name, (10_000 - age, 10_000 - age))
    corpus = read([tmp_path])
    assert [file.key for file in corpus.files] == ["b.py"]
    assert sorted(corpus.refused.values()) == ["duplicate", "near duplicate"]


def test_a_file_that_goes_while_others_are_read_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.py": "a = 1\n", "b.py": "b = [2, 3]\n"})

    def scrub_last(text: bytes) -> tuple[bytes, int]:
        (tmp_path / "a.py").unlink(missing_ok=True)
        return scrub(text)

    monkeypatch.setattr(corpus, "scrub", scrub_last)
    found = survey([tmp_path])
    assert [file.key for file in found.files] == ["b.py"]
    assert found.refused == {tmp_path / "a.py": "unreadable"}


def test_a_file_that_is_named_twice_is_learnt_once_and_repeats_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "a = 1\n", "b.py": "value = 2\n"})
    corpus = read([tmp_path, tmp_path / "a.py"])
    assert [file.key for file in corpus.files] == ["a.py", "b.py"]
    assert corpus.refused == {}


def test_what_changed_lately_weighs_more_and_data_least(tmp_path: Path) -> None:
    write(tmp_path, {"new.py": "a = 1\n", "half.py": "bee = 2\n", "old.py": "c_c = 3\n", "new.json": '{"d": "e"}\n'})
    now, half_a_year = 1_700_000_000, 180 * 86400
    for name, age in (("new.py", 0), ("half.py", half_a_year / 2), ("old.py", 5 * half_a_year), ("new.json", 0)):
        os.utime(tmp_path / name, (now - age, now - age))
    weights = {file.key: file.weight for file in read([tmp_path]).files}
    assert weights == pytest.approx({"new.py": 1, "half.py": 2**-0.5, "old.py": 0.5, "new.json": 0.5})


def test_secrets_are_replaced_before_a_text_is_handed_on_and_counted(tmp_path: Path) -> None:
    key = "AKIA" + "Q7ZD" * 4
    write(tmp_path, {"settings.py": f'name = "x"\nkey = "{key}"\n'})
    (file,) = read([tmp_path]).files
    assert key.encode() not in file.text
    assert file.text.startswith(b'name = "x"\nkey = "')
    assert file.secrets == 1


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_text_in_another_encoding_is_handed_on_as_utf8(tmp_path: Path, encoding: str) -> None:
    text = "# Größe des Fensters, naïve Prüfung für café\nbreite = 3\n"
    write(tmp_path, {"a.py": text.encode(encoding)})
    assert read([tmp_path]).files[0].text == text.encode()


def test_a_survey_finds_nothing_without_refusing_and_reports_every_path(tmp_path: Path) -> None:
    write(tmp_path, {"a.bin": b"\0"})
    assert survey([tmp_path]).files == ()
    key = "AKIA" + "Q7ZD" * 4
    write(tmp_path, {"a.py": f'k = "{key}"\n', "b.md": "# Title\n", "c.lock": "x\n"})
    found = survey([tmp_path])
    told = report(found)
    assert told["bytes"] == found.nbytes
    assert told["secrets"] == 1
    assert told["languages"] == {"python": {"files": 1, "bytes": 27}, "markdown": {"files": 1, "bytes": 8}}
    assert told["left_out"] == [
        {"path": str(tmp_path / "a.bin"), "reason": "binary"},
        {"path": str(tmp_path / "c.lock"), "reason": "machine-made"},
    ]
    shown = "\n".join(lines(found))
    for words in ("2 files", "python", "markdown", "1 secrets", "1 binary", "1 machine-made"):
        assert words in shown


def test_line_ends_and_a_byte_order_mark_are_made_alike(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": b"\xef\xbb\xbfa = 1\r\nb = 2\r\n"})
    assert read([tmp_path]).files[0].text == b"a = 1\nb = 2\n"


@pytest.mark.skipif(sys.platform != "linux", reason="file names are UTF-8 there")
def test_a_file_whose_name_is_not_utf8_is_learnt_from_like_any_other(tmp_path: Path) -> None:
    write(tmp_path, {os.fsdecode(b"caf\xe9.py"): "a = 1\n", "b.py": "b = [2, 3]\n"})
    found = read([tmp_path])
    learnt, held_out = found.split()
    assert {file.key for file in (*learnt.files, *held_out.files)} == {"caf\udce9.py", "b.py"}
    assert found.fingerprint() not in (learnt.fingerprint(), held_out.fingerprint())


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
