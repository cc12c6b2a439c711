"""A suggestion as an entry of a completion menu."""

from __future__ import annotations

import pytest
from lsprotocol import types

from foretype.model.calibration import Look
from foretype.model.suggest import Answer, Suggestion
from foretype.server import translation

CARET = types.Position(3, 7)


def suggestion(text: str, confidence: float = 0.5) -> Suggestion:
    return Suggestion(text, confidence, confidence, saving=1.0, look=Look(-1.0, len(text), typed=5, known=True))


def item(text: str, word: str = "regis", confidence: float = 0.5) -> types.CompletionItem:
    start = types.Position(CARET.line, CARET.character - len(word))
    (found,) = translation.completion_items(
        Answer((suggestion(text, confidence),)), types.Range(start, CARET), word
    ).items
    return found


def new_text(found: types.CompletionItem) -> str:
    assert isinstance(found.text_edit, types.TextEdit)
    return found.text_edit.new_text


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("ter(x)", "register(x)"),
        ("ter(x):\n    return x", "register(x): return x"),
        ("ter(" + "x" * 100, "register(" + "x" * 50 + "…"),
        ("\n\treturn", "regis return"),
    ],
)
def test_the_label_is_one_line_of_a_readable_length(text: str, label: str) -> None:
    found = item(text)
    assert found.label == label
    assert new_text(found) == "regis" + text


@pytest.mark.parametrize(
    ("text", "documentation"),
    [("ter(x)", None), ("ter:\n    pass", "register:\n    pass"), ("t" * 99, "regis" + "t" * 99)],
)
def test_what_the_label_cannot_show_is_shown_beside_it(text: str, documentation: str | None) -> None:
    assert item(text).documentation == documentation


@pytest.mark.parametrize("text", ["ter", "ter:\n    pass"])
def test_what_is_typed_is_looked_for_in_one_line(text: str) -> None:
    assert item(text).filter_text == "regis" + text.split("\n")[0]


def test_it_comes_first_only_where_it_is_nearly_sure() -> None:
    others = ["11.9999.register", "aregister", "register", "zregister", "ÿregister"]
    keys = {confidence: item("ter", confidence=confidence).sort_text or "" for confidence in (0.3, 0.5, 0.95)}
    assert keys[0.3] == keys[0.5] > max(others)
    assert "" < keys[0.95] < min(others)
    assert all(item("ter", confidence=confidence).preselect is False for confidence in keys)


def test_of_several_suggestions_one_entry_is_made_and_of_none_none() -> None:
    range_ = types.Range(CARET, CARET)
    assert len(translation.completion_items(Answer((suggestion("a"), suggestion("b"))), range_, "").items) == 1
    assert translation.completion_items(Answer(()), range_, "").items == []
