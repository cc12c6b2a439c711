"""Places on the command line: where they point, and what is said of those that point nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from foretype.model.errors import UserError
from foretype.server.commands.place import Place, read_text
from foretype.server.document import Document, Position

DOCUMENT = Document("one\ntwo 😀\n", 0, "utf-32")


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("f.py", Position(2, 0)),
        ("f.py:1", Position(0, 3)),
        ("f.py:2", Position(1, 5)),
        ("f.py:2:1", Position(1, 0)),
        ("f.py:2:6", Position(1, 5)),
        ("f.py:3", Position(2, 0)),
    ],
)
def test_a_place_is_counted_from_one_and_no_column_is_the_end_of_the_line(text: str, position: Position) -> None:
    place = Place.parse(text)
    assert place.path == Path("f.py")
    assert place.position(DOCUMENT) == position


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("f.py:0", "there is no line 0"),
        ("f.py:" + "9" * 18, "there is no line 999"),
        ("f.py:4", "has 2 lines, there is no line 4"),
        ("f.py:1:0", "there is no column 0"),
        ("f.py:2:7", "has 5 characters, there is no column 7"),
    ],
)
def test_a_place_past_the_end_is_refused(text: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        Place.parse(text).position(DOCUMENT)


def test_what_no_file_has_as_many_lines_as_is_a_name() -> None:
    endless = "f.py:" + "9" * 5000  # Python turns no more than 4,300 digits into a number
    with pytest.raises(UserError, match="cannot be read"):
        read_text(Place.parse(endless).path)


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "marked").write_bytes(b"\xef\xbb\xbfdef")
    assert read_text(tmp_path / "marked") == "def"


def test_a_drive_letter_is_no_place() -> None:
    assert Place.parse("C:\\a.py:3:4") == Place(Path("C:\\a.py"), 3, 4)
    assert Place.parse("C:\\a.py") == Place(Path("C:\\a.py"))


def test_a_file_whose_name_looks_like_a_place_is_that_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes:12").write_text("x")
    assert Place.parse("notes:12") == Place(Path("notes:12"))


def test_a_file_that_is_not_text_is_refused_with_the_place_of_the_first_wrong_byte(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    with pytest.raises(UserError, match=r"not UTF-8 \(byte 3\)"):
        read_text(tmp_path / "latin")
    with pytest.raises(UserError, match="is a folder"):
        read_text(tmp_path)
    with pytest.raises(UserError, match="does not exist"):
        read_text(tmp_path / "nothing")
