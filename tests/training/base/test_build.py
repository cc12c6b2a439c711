"""Building: each file lands where its package says, once, scrubbed, or is counted with the reason why not."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from foretype.training.base import __main__ as command
from foretype.training.base.build import book, build
from foretype.training.base.fetch import archive_path
from foretype.training.base.manifest import Package
from foretype.training.shards import documents


def python(name: str) -> bytes:
    """Return a module of its own, long enough to be taken."""
    words = [f"{name}_{number}" for number in range(40)]
    return "\n".join(f"def {word}(value):\n    return {word!r}, value\n" for word in words).encode()


def make(archives: Path, name: str, files: dict[str, bytes], **fields: object) -> Package:
    package = Package("npm", name, "1.0", "MIT", ("python",), (f"{name}.tgz",), ("0" * 64,), **fields)  # type: ignore[arg-type]
    path = archive_path(archives, package, f"{name}.tgz")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz") as tar:
        for file, content in files.items():
            info = tarfile.TarInfo(f"{name}-1.0/{file}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return package


def paths(folder: Path) -> set[str]:
    return {document.path for document in documents(folder)}


def test_training_and_held_out_text_are_kept_apart(tmp_path: Path) -> None:
    wanted = [
        make(tmp_path, "one", {"a.py": python("a")}),
        make(tmp_path, "two", {"b.py": python("b")}, held_out=True),
    ]
    built = build(wanted, tmp_path, tmp_path / "out")
    assert paths(tmp_path / "out" / "train") == {"a.py"}
    assert paths(tmp_path / "out" / "held_out") == {"b.py"}
    assert (built.documents, built.train_bytes, built.held_out_bytes) == (2, len(python("a")), len(python("b")))
    assert built.languages == {"python": len(python("a"))}


def test_what_repeats_held_out_text_is_not_learnt_from(tmp_path: Path) -> None:
    wanted = [
        make(tmp_path, "copier", {"copied.py": python("x") + b"# copied\n", "own.py": python("own")}),
        make(tmp_path, "original", {"x.py": python("x")}, held_out=True),
    ]
    built = build(wanted, tmp_path, tmp_path / "out")
    assert paths(tmp_path / "out" / "train") == {"own.py"}
    assert built.left_out["near duplicate"] == 1


def test_files_that_may_not_or_should_not_be_learnt_from_are_counted_by_reason(tmp_path: Path) -> None:
    copyleft = b"# This file is under the GNU General Public License, version 3\n"
    files = {
        "a.py": python("a"),
        "b.py": copyleft + python("b"),
        "c.py": copyleft + b"# or, at your option, under the Apache License\n" + python("c"),
        "LICENSE": python("licence"),
        "noidea.xyzzy": python("d"),
        "excluded/e.py": python("e"),
        "vendor/f.py": python("f"),
    }
    built = build([make(tmp_path, "one", files, exclude=("excluded/",))], tmp_path, tmp_path / "out")
    assert paths(tmp_path / "out" / "train") == {"a.py", "c.py"}
    expected = {"another licence": 1, "licence text": 1, "unknown language": 1, "excluded": 1, "vendored": 1}
    assert built.left_out == expected


def test_a_cap_takes_preferred_languages_first(tmp_path: Path) -> None:
    files = {f"p{number}.py": python(f"p{number}") for number in range(8)}
    files |= {f"g{number}.go": python(f"g{number}") for number in range(2)}
    cap = 3.5 * len(python("p1")) / 1e6
    built = build([make(tmp_path, "one", files, max_mb=cap, prefer=("go",))], tmp_path, tmp_path / "out")
    assert {"g0.go", "g1.go"} < paths(tmp_path / "out" / "train")
    assert built.documents == 3
    assert built.left_out["over the package's cap"] == 7


def test_secrets_are_scrubbed_and_counted(tmp_path: Path) -> None:
    secret = b"AKIA" + b"IOSFODNN7EXAMPLE"
    built = build(
        [make(tmp_path, "one", {"a.py": python("a") + b"key = '" + secret + b"'\n"})], tmp_path, tmp_path / "out"
    )
    assert built.secrets == 1
    assert all(secret not in document.text for document in documents(tmp_path / "out" / "train"))


def test_a_book_is_taken_by_its_pattern_and_stripped(tmp_path: Path) -> None:
    tale = b"header\r\n*** START OF THIS PROJECT ***\r\nCall me Ishmael.\r\n*** END OF THIS PROJECT ***\r\nlegal\r\n"
    build([make(tmp_path, "one", {"data/moby": tale}, prose="data/moby$")], tmp_path, tmp_path / "out")
    (document,) = documents(tmp_path / "out" / "train")
    assert document.text == b"Call me Ishmael.\n"


def test_long_lines_of_a_book_are_wrapped_and_tags_removed() -> None:
    wrapped = book(b"<p>" + b"word " * 100 + b"</p>")
    assert max(map(len, wrapped.splitlines())) <= 80
    assert wrapped.split() == [b"word"] * 100


def test_the_command_builds_and_prints_what_it_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [make(tmp_path, "one", {"a.py": python("a"), "b.xyzzy": python("b")})]
    monkeypatch.setattr(command, "packages", lambda: wanted)
    arguments = ["build", "--archives", str(tmp_path), "--to", str(tmp_path / "out")]
    result = CliRunner().invoke(command.main, arguments, catch_exceptions=False)
    report = json.loads(result.stdout)
    assert report["train_bytes"] == report["languages"]["python"] == len(python("a"))
    assert report["left_out"] == {"unknown language": 1}


def test_a_build_is_not_written_over(tmp_path: Path) -> None:
    wanted = [make(tmp_path, "one", {"a.py": python("a")})]
    build(wanted, tmp_path, tmp_path / "out")
    with pytest.raises(OSError, match=r"."):
        build(wanted, tmp_path, tmp_path / "out")
