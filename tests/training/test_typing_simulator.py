"""The typing simulator: it types the text exactly, counts as defined, and takes what fits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from foretype.server.document import Change, Document, Position
from foretype.training.server_editor import ServerEditor
from foretype.training.typing_simulator import Typist


class Editor:
    """Stand in for a server: keep the document, offer what a script says."""

    def __init__(self, offers: dict[str, str]) -> None:
        self.document = Document("", 0, "utf-16")
        self.offers = offers
        self.asked = 0

    def notify(self, method: str, params: dict[str, Any]) -> None:
        if method != "textDocument/didChange":
            return
        for change in params["contentChanges"]:
            start, end = (Position(**change["range"][side]) for side in ("start", "end"))
            self.document.apply(Change(start, end, change["text"]))

    def request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        assert method == "textDocument/inlineCompletion"
        self.asked += 1
        caret = Position(**params["position"])
        before = self.document.prefix(caret).tail.decode()
        assert before == self.document.text  # the caret is where the typing is
        text = self.offers.get(before)
        return {"result": {"items": [] if text is None else [{"insertText": text}]}}


def replay(text: str, offers: dict[str, str], *, by_words: bool = False) -> tuple[Typist, Editor, list[bool]]:
    editor = Editor(offers)
    typist = Typist(ServerEditor(editor, Path("a.py"), "python"), text, by_words=by_words)  # type: ignore[arg-type]
    return typist, editor, [shown.accepted for shown in typist.run()]


@pytest.mark.parametrize("text", ["", "abc", "def f():\n    return 1\n\n\n", "é😀x\n\ty😀\n"])
def test_without_suggestions_every_character_but_indentation_is_a_key(text: str) -> None:
    done, editor, shown = replay(text, {})
    assert editor.document.text == text
    assert shown == []
    indentation = sum(len(line) - len(line.lstrip(" \t")) for line in text.split("\n")[1:])
    assert done.tally.keys == done.tally.characters == len(text) - indentation
    assert done.tally.saved_share == 0


def test_a_suggestion_that_is_right_is_taken_with_one_key() -> None:
    done, editor, shown = replay("print(x)\n", {"p": "rint(x)"})
    assert editor.document.text == "print(x)\n"
    assert shown == [True]
    assert done.tally.keys == 3  # p, Tab, Enter
    assert done.tally.characters == 9
    assert done.tally.saved_share == pytest.approx(1 - 3 / 9)
    assert (done.tally.shows, done.tally.accepted, done.tally.precision) == (1, 1, 1.0)


def test_a_suggestion_that_is_wrong_costs_nothing_but_precision() -> None:
    done, editor, shown = replay("print", {"p": "ass", "pr": "oduce"})
    assert editor.document.text == "print"
    assert shown == [False, False]
    assert done.tally.keys == 5
    assert done.tally.precision == 0


def test_a_wrong_suggestion_that_shrinks_as_it_is_typed_along_is_shown_once() -> None:
    done, _, shown = replay("prime", {"p": "rint", "pr": "int", "pri": "nt"})
    assert done.tally.shows == 1
    assert shown == [False]


def test_by_words_what_fits_is_taken_with_a_key_for_each_word() -> None:
    offers = {"p": "rint(value, other)"}
    done, editor, shown = replay("print(value, name)\n", offers, by_words=True)
    assert editor.document.text == "print(value, name)\n"
    assert shown == [True]
    # p; "rint", "(", "value", ","; then " name)" and Enter by hand
    assert done.tally.keys == 1 + 4 + 6 + 1
    assert replay("print(value, name)\n", offers)[0].tally.keys == 19


def test_tallies_add_up() -> None:
    one, other = replay("print(x)\n", {"p": "rint(x)"})[0].tally, replay("abc", {"a": "x"})[0].tally
    one.add(other)
    assert (one.characters, one.keys, one.shows, one.accepted) == (12, 6, 2, 1)
    assert len(one.latencies_ms) == 2 + 3


def test_latencies_are_taken_at_every_key() -> None:
    done, editor, _ = replay("abc\n", {})
    assert len(done.tally.latencies_ms) == editor.asked == 4
    assert done.tally.latency_ms(0.5) <= done.tally.latency_ms(0.99)
