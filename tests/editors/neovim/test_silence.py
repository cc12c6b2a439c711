"""Where a real Neovim shows nothing: paused, in macros and pastes, beside a menu that says otherwise."""

from __future__ import annotations

import pytest
from tests.editors.neovim.editor import Editor
from tests.editors.weather import EXPECTED, OPENED, TYPED

INDENT = OPENED.rpartition("\n")[2]
COUNT_REQUESTS = """
requests = 0
local rpc = require('foretype.rpc')
local request = rpc.request
rpc.request = function(...) requests = requests + 1 return request(...) end
"""


def requests(editor: Editor) -> int:
    """Return how many suggestions were asked for."""
    return int(editor.lua("return requests"))


@pytest.mark.parametrize("scope", ["all", "language", "buffer"])
def test_a_pause_is_kept_until_it_is_ended(any_display: Editor, scope: str) -> None:
    any_display.keys("A")
    any_display.type_for_ghost(TYPED, EXPECTED)
    any_display.command(f"Foretype pause {scope}")
    any_display.wait(lambda: any_display.ghost() == "", "it is hidden")
    assert any_display.lua("return require('foretype').statusline()") == "foretype: paused"
    any_display.keys(EXPECTED[:2])
    any_display.wait(lambda: any_display.line() == INDENT + TYPED + EXPECTED[:2], "the keys have arrived")
    any_display.lua("vim.wait(1000)")
    assert any_display.ghost() == ""
    any_display.command(f"Foretype resume {scope}")
    any_display.type_until(EXPECTED[2], lambda: any_display.ghost() == EXPECTED[3:])


def test_a_buffer_is_paused_by_its_variable_as_vim_script_sets_it(editor: Editor) -> None:
    statusline = "return require('foretype').statusline()"
    editor.command("let b:foretype_paused = 1")
    assert editor.lua(statusline) == "foretype: paused"
    editor.command("let b:foretype_paused = 0")
    editor.wait(lambda: editor.lua(statusline) == "foretype", "it is paused no more")
    editor.keys("A")
    editor.type_for_ghost(TYPED, EXPECTED)
    editor.command("let b:foretype_paused = 1 | Foretype toggle buffer")
    assert editor.lua(statusline) == "foretype"


def test_a_macro_neither_records_nor_plays_with_suggestions(editor: Editor) -> None:
    editor.keys("A")
    editor.type_for_ghost(TYPED, EXPECTED)
    editor.lua(COUNT_REQUESTS)
    editor.keys("<Esc>qqoregis<Tab>x<Esc>q")
    editor.wait(lambda: editor.line().endswith("x"), "it is recorded")
    recorded = editor.line()
    editor.keys("@q")
    editor.wait(lambda: editor.buffer()[-2:] == [recorded, recorded], "it is played")
    assert requests(editor) == 0


def test_a_paste_asks_for_nothing(editor: Editor) -> None:
    editor.lua(COUNT_REQUESTS)
    editor.keys("A")
    editor.wait(lambda: requests(editor) == 1, "Insert mode is entered")
    editor.nvim.api.paste("one = 1\n    two = 2\n    regis", False, -1)
    editor.wait(lambda: editor.line().endswith("regis"), "it is pasted")
    editor.keys("t")
    editor.wait(lambda: editor.line().endswith("regist"), "a key has arrived")
    editor.wait(lambda: requests(editor) == 2, "only the key has asked")


def test_a_menu_entry_that_says_otherwise_hides_the_ghost_text(editor: Editor) -> None:
    editor.command("set completeopt=menuone,noinsert")
    editor.keys("A")
    editor.type_for_ghost(TYPED, EXPECTED)
    editor.keys("<C-x><C-n>")
    editor.wait(lambda: editor.lua("return vim.fn.pumvisible()") == 1, "the menu is there")
    selected = "return vim.fn.complete_info({ 'selected', 'items' })"

    def entry() -> str:
        menu = editor.lua(selected)
        return str(menu["items"][menu["selected"]]["word"]) if menu["selected"] >= 0 else ""

    for wanted, ghost in (("registry", ""), ("register_measurement", EXPECTED)):
        for _ in range(5):
            if entry() == wanted:
                break
            before = entry()
            editor.keys("<Down>")
            editor.wait(lambda before=before: entry() != before, "another entry is selected")  # type: ignore[misc]
        assert entry() == wanted
        assert editor.ghost() == ghost


def test_a_choice_from_the_menu_gets_a_suggestion(editor: Editor) -> None:
    editor.keys("A")
    editor.type_for_ghost(TYPED, EXPECTED)
    editor.keys("<C-x><C-n>")
    for _ in range(5):
        editor.wait(lambda: editor.line() != INDENT + TYPED, "an entry is put in")
        if editor.line() == INDENT + "register_measurement":
            break
        before = editor.line()
        editor.keys("<C-n>")
        editor.wait(lambda before=before: editor.line() != before, "another entry is put in")  # type: ignore[misc]
    editor.keys("<C-y>")
    editor.wait_for_ghost('(registry, "')
