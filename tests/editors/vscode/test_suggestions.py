"""Suggestions as VS Code shows them, and what its keys do with them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.editors.vscode.workbench import Workbench
from tests.editors.weather import AFTER_H, EXPECTED, OPENED, TYPED


def test_typing_shows_what_comes_next(window: Workbench, document: Path) -> None:
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    assert window.saved(document, OPENED + TYPED), "what is only shown is no part of the file"


def test_tab_accepts_all(window: Workbench, document: Path) -> None:
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    window.press("Tab")
    assert window.saved(document, OPENED + TYPED + EXPECTED)


def test_ctrl_right_accepts_a_word_and_keeps_the_rest(window: Workbench, document: Path) -> None:
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    window.press("Control+ArrowRight")
    word = "ter_measurement"
    window.until_ghost(EXPECTED.removeprefix(word))
    assert window.saved(document, OPENED + TYPED + word)


def test_a_key_bound_to_it_accepts_a_line(window: Workbench, document: Path) -> None:
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    window.press("Control+Alt+l")
    assert window.saved(document, OPENED + TYPED + EXPECTED)


def test_typing_along_the_ghost_text_keeps_it(window: Workbench, document: Path) -> None:
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    for count in range(1, 5):
        window.type(EXPECTED[count - 1])
        window.until_ghost(EXPECTED[count:])
    assert window.saved(document, OPENED + TYPED + EXPECTED[:4])


def test_typing_something_else_finds_another(window: Workbench, document: Path) -> None:
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    window.press("Tab")
    window.type("h")
    window.until_ghost(AFTER_H)
    window.press("Tab")
    assert window.saved(document, OPENED + TYPED + EXPECTED + "h" + AFTER_H)


def test_escape_dismisses_it(window: Workbench, document: Path) -> None:
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    window.press("Escape")
    window.until_ghost("")
    assert window.saved(document, OPENED + TYPED)


def test_undo_takes_back_what_was_accepted_and_nothing_else(window: Workbench, document: Path) -> None:
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    window.press("Tab")
    assert window.saved(document, OPENED + TYPED + EXPECTED)
    window.press("Control+z")
    assert window.saved(document, OPENED + TYPED)


def test_an_emoji_before_the_caret_shifts_nothing(window: Workbench, document: Path) -> None:
    before = 'register_measurement(registry, "😀é", unit="celsius", '
    window.page.keyboard.insert_text(before)
    window.type("inter")
    window.until_ghost("val_seconds=60)")
    window.press("Tab")
    assert window.saved(document, OPENED + before + "interval_seconds=60)")


def test_two_editors_of_one_file_show_it_where_the_caret_is(window: Workbench, document: Path) -> None:
    window.press("Control+\\")
    window.page.wait_for_selector(".editor-group-container >> nth=1")
    window.focus_end()
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    assert window.page.locator(".editor-group-container:not(.active) [class*='ghost-text']").count() == 0
    window.press("Tab")
    assert window.saved(document, OPENED + TYPED + EXPECTED)


def test_a_file_of_ten_thousand_lines_gets_suggestions(window: Workbench, project: Path) -> None:
    file = project / "long.py"
    before = "".join(f"height_{number} = {number}\n" for number in range(10_000)) + OPENED
    file.write_text(before, encoding="utf-8")
    window.open_file(file)
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    window.press("Tab")
    assert window.saved(file, before + TYPED + EXPECTED)


def test_it_continues_what_the_suggest_widget_has_selected(window: Workbench, document: Path) -> None:
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    window.press("Control+Space")
    window.page.wait_for_selector(".suggest-widget.visible .monaco-list-row.focused:has-text('register_measurement')")
    window.until_ghost(EXPECTED)
    window.press("Escape")
    assert window.saved(document, OPENED + TYPED)


def test_a_cell_of_a_notebook_gets_suggestions(window: Workbench, project: Path) -> None:
    notebook = project / "hill.ipynb"
    cell = {"cell_type": "code", "metadata": {}, "source": OPENED.splitlines(keepends=True), "outputs": []}
    kernel = {"language_info": {"name": "python"}}
    notebook.write_text(json.dumps({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    window.open_tab(notebook)
    window.page.click(".notebook-editor .cell-editor-container .view-lines")
    window.press("Control+End")
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    window.press("Tab")
    assert window.saved_with(notebook, TYPED + EXPECTED.replace('"', '\\"'))
