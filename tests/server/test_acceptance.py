"""What became of a suggestion is read off the document, however the editor describes its edits."""

from __future__ import annotations

import pytest

from foretype.server.acceptance import Acceptance, Ending, keys_typed, retained_share
from foretype.server.document import Change, Document, Position
from foretype.server.ledger import Fate

LINE = 1
TEXT = "def count(names):\n    for na\n    return total\n"


class Desk:
    """A document in which somebody types at a caret."""

    def __init__(self, text: str = TEXT, line: int = LINE) -> None:
        self.document = Document(text, 1, "utf-16", "python")
        self.caret = Position(line, len(self.document.line(line)))
        self.acceptance = Acceptance()

    def show(self, text: str) -> list[Ending]:
        return self.acceptance.show(self.document, self.caret, text, 0.7, asked=False)

    def put(self, text: str) -> list[Ending]:
        change = Change(self.caret, self.caret, text)
        self.document.apply(change)
        self.caret = self.document.end_of(change)
        return self.acceptance.look(self.document)


def fates(endings: list[Ending]) -> list[tuple[Fate, int, int, bool]]:
    return [(ending.how, ending.accepted, ending.keys_saved, ending.right) for ending in endings]


def test_taking_all_at_once_saves_all_but_one_key() -> None:
    desk = Desk()
    assert desk.show("me in names:") == []
    assert fates(desk.put("me in names:")) == [(Fate.ACCEPTED, 12, 11, True)]
    assert desk.acceptance.close() == []


def test_taking_word_by_word_costs_a_key_each() -> None:
    desk = Desk()
    desk.show("me in names:")
    assert desk.put("me") == []
    assert desk.put(" in") == []
    assert fates(desk.put(" names:")) == [(Fate.WORD, 12, 9, True)]


def test_taking_a_part_and_going_on_otherwise_counts_the_part() -> None:
    desk = Desk()
    desk.show("me in names:")
    desk.put("me in")
    assert fates(desk.put("x")) == [(Fate.WORD, 5, 4, False)]


def test_typing_it_all_is_right_but_saves_nothing() -> None:
    desk = Desk()
    desk.show("me in:")
    endings = [ending for key in "me in:" for ending in desk.put(key)]
    assert fates(endings) == [(Fate.TYPED, 0, 0, True)]


def test_typing_along_and_then_taking_the_rest_saves_the_rest() -> None:
    desk = Desk()
    desk.show("me in names:")
    desk.put("m")
    desk.put("e")
    assert desk.show(" in names:") == []
    assert fates(desk.put(" in names:")) == [(Fate.WORD, 10, 9, True)]


def test_another_key_dismisses_it() -> None:
    desk = Desk()
    desk.show("me in names:")
    assert fates(desk.put("x")) == [(Fate.DISMISSED, 0, 0, False)]


def test_a_suggestion_that_goes_on_from_another_is_the_same_one() -> None:
    desk = Desk()
    desk.show("me in")
    desk.put("m")
    assert desk.show("e in names:") == []
    assert fates(desk.put("e in names:")) == [(Fate.WORD, 11, 10, True)]


def test_a_suggestion_in_place_of_another_dismisses_that() -> None:
    desk = Desk()
    desk.show("me in names:")
    assert fates(desk.show("turn")) == [(Fate.DISMISSED, 0, 0, False)]


def test_lines_taken_one_by_one_are_lines() -> None:
    desk = Desk("def f():\n    a\n", 1)
    desk.show(" = 1\n    return a")
    assert desk.put(" = 1\n") == []
    assert fates(desk.put("    return a")) == [(Fate.LINE, 17, 15, True)]


def test_an_edit_elsewhere_decides_nothing() -> None:
    desk = Desk()
    desk.show("me in names:")
    desk.document.apply(Change(Position(2, 4), Position(2, 10), "yield"))
    assert desk.acceptance.look(desk.document) == []
    assert fates(desk.put("me in names:")) == [(Fate.ACCEPTED, 12, 11, True)]


def test_what_the_editor_closes_by_itself_does_not_disturb() -> None:
    desk = Desk("print\n", 0)
    desk.show("(names)")
    desk.document.apply(Change(desk.caret, desk.caret, "()"))
    assert desk.acceptance.look(desk.document) == []


@pytest.mark.parametrize("text", ["x = ", "", "😀 größe = "])
def test_the_end_of_a_document_is_a_place_like_any_other(text: str) -> None:
    desk = Desk(text, 0)
    desk.caret = Position(0, len(text.encode("utf-16-le")) // 2)
    desk.show("value + 1")
    assert fates(desk.put("value + 1")) == [(Fate.ACCEPTED, 9, 8, True)]


def test_an_edit_described_as_the_whole_line_is_the_same_edit() -> None:
    desk = Desk()
    desk.show("me in names:")
    desk.document.apply(Change(Position(1, 0), Position(1, 10), "    for name in names:"))
    assert fates(desk.acceptance.look(desk.document)) == [(Fate.ACCEPTED, 12, 11, True)]


def test_what_was_accepted_is_found_again_where_it_moved_and_missed_where_it_was_changed() -> None:
    desk = Desk()
    desk.show("me in names:")
    (ending,) = desk.put("me in names:")
    assert retained_share(desk.document, ending) == 1
    desk.document.apply(Change(Position(0, 0), Position(0, 0), "import os\n\n"))
    assert retained_share(desk.document, ending) == 1
    desk.document.apply(Change(Position(3, 0), Position(3, 40), "    pass"))
    assert retained_share(desk.document, ending) == 0


@pytest.mark.parametrize(
    ("inserted", "keys"), [("", 0), ("x", 1), ("()", 2), ("\n        ", 1), ("    ", 1), ("pasted", 0)]
)
def test_only_what_keys_put_in_is_typed(inserted: str, keys: int) -> None:
    assert keys_typed(inserted) == keys
