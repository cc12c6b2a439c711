"""The list of what is forgotten, and the record of what a model has learnt from."""

from __future__ import annotations

from pathlib import Path

import pytest

from foretype.model import forgotten, sources
from foretype.model.errors import CheckpointError
from foretype.model.sources import Sources


def test_a_folder_that_is_forgotten_holds_what_lies_in_it_and_nothing_beside_it(tmp_path: Path) -> None:
    out = forgotten.add(tmp_path, {tmp_path / "a": frozenset()})
    assert out.holds(tmp_path / "a")
    assert out.holds(tmp_path / "a/b/c.py")
    assert not out.holds(tmp_path / "ab")
    assert not out.holds(tmp_path)
    assert forgotten.load(tmp_path).paths == out.paths


def test_what_is_taken_off_the_list_takes_along_what_lies_in_it(tmp_path: Path) -> None:
    forgotten.add(tmp_path, {tmp_path / "a/b.py": frozenset(), tmp_path / "c.py": frozenset({"12"})})
    assert forgotten.remove(tmp_path, tmp_path / "a") == [tmp_path / "a/b.py"]
    assert forgotten.remove(tmp_path, tmp_path / "a") == []
    assert forgotten.load(tmp_path).paths == {tmp_path / "c.py": {"12"}}


def test_a_damaged_list_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    assert forgotten.load(tmp_path / "nowhere").paths == {}
    for damaged in ("{", "[]", '{"format": 9, "paths": {}}', '{"format": 1, "paths": []}'):
        (tmp_path / "forgotten.json").write_text(damaged)
        with pytest.raises(CheckpointError, match=r"forgotten\.json is damaged"):
            forgotten.load(tmp_path)


def test_names_of_any_bytes_can_be_forgotten(tmp_path: Path) -> None:
    for name in ("größe.py", "a\nb.py", "\udce9.py"):
        forgotten.add(tmp_path, {tmp_path / name: frozenset()})
        assert forgotten.load(tmp_path).holds(tmp_path / name)


def test_sources_know_files_and_the_folders_around_them_but_no_text(tmp_path: Path) -> None:
    file = tmp_path / "src/app.py"
    found = Sources.of([(file, b"a text nobody should find")], [tmp_path / "src"])
    assert b"nobody" not in found.to_json()
    assert Sources.from_json(found.to_json()) == found
    for path in (file, tmp_path / "src", tmp_path):
        assert found.include({sources.digest_of(path)}) is True
    assert found.include({sources.digest_of(tmp_path / "src/other.py")}) is False
    assert Sources().include({sources.digest_of(file)}) is None


def test_sources_of_two_are_known_only_if_both_are(tmp_path: Path) -> None:
    one, two = (Sources.of([(tmp_path / name, b"x")], [tmp_path / name]) for name in ("a.py", "b.py"))
    both = one.joined(two)
    assert both.complete
    assert both.roots == (str(tmp_path / "a.py"), str(tmp_path / "b.py"))
    assert all(both.include({sources.digest_of(tmp_path / name)}) for name in ("a.py", "b.py"))
    assert one.joined(Sources()).include({"0"}) is None


def test_a_damaged_record_says_nothing(tmp_path: Path) -> None:
    assert sources.read(tmp_path / "nothing") == Sources()
    for damaged in (b"{", b"[]", b'{"format": 1}', b'{"format": 7, "files": []}', b"\xff"):
        (tmp_path / "sources.json").write_bytes(damaged)
        assert sources.read(tmp_path / "sources.json") == Sources()
