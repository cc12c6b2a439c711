"""Ghost text in real Neovims: seen, accepted, typed along, dismissed, and never in the way."""

from __future__ import annotations

from pathlib import Path

from tests.editors.neovim.conftest import StartEditor
from tests.editors.neovim.editor import Editor
from tests.editors.weather import AFTER_H, EXPECTED, OPENED, TYPED

INDENT = OPENED.rpartition("\n")[2]
ACCEPTED = INDENT + TYPED + EXPECTED
UNDECIDED = 'register_measurement(registry, "'


def typed(editor: Editor) -> None:
    """Type until the suggestion is there."""
    editor.keys("A")
    editor.type_for_ghost(TYPED, EXPECTED)


def test_a_suggestion_is_seen_right_of_the_caret(any_display: Editor) -> None:
    typed(any_display)
    assert TYPED + EXPECTED in any_display.screen()
    assert any_display.line() == INDENT + TYPED


def test_tab_accepts_the_suggestion(any_display: Editor) -> None:
    typed(any_display)
    any_display.keys("<Tab>")
    any_display.wait(lambda: any_display.line() == ACCEPTED, "it is accepted")
    any_display.keys("x")
    any_display.wait(lambda: any_display.line() == ACCEPTED + "x", "the caret stands behind it")


def test_a_word_is_accepted_and_the_rest_stays(any_display: Editor) -> None:
    typed(any_display)
    any_display.keys("<M-Right>")
    any_display.wait(lambda: any_display.line() == INDENT + "register_measurement", "the word is accepted")
    any_display.wait_for_ghost('(registry, "')


def test_words_are_accepted_one_after_another(editor: Editor) -> None:
    typed(editor)
    editor.keys("<M-Right><M-Right><M-Right>")
    editor.wait(lambda: editor.line() == INDENT + "register_measurement(registry", "three are accepted")


def test_a_suggestion_follows_what_was_accepted(any_display: Editor) -> None:
    typed(any_display)
    any_display.keys("<Tab>")
    any_display.wait(lambda: any_display.line() == ACCEPTED, "it is accepted")
    any_display.type_for_ghost("h", AFTER_H)


def test_typing_along_the_ghost_text_keeps_it(editor: Editor) -> None:
    typed(editor)
    editor.lua(
        """
        drawn = {}
        vim.api.nvim_create_autocmd('TextChangedI', { callback = function()
          local namespace = vim.api.nvim_get_namespaces()['foretype.ghost']
          local mark = vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })[1]
          table.insert(drawn, mark and mark[4].virt_text[1][1] or '')
        end })
        """
    )
    for count in range(1, 9):
        editor.keys(EXPECTED[count - 1])
        editor.wait(lambda count=count: editor.lua("return #drawn") == count, "the key has arrived")  # type: ignore[misc]
    # what is drawn before any answer can have come
    assert all(drawn.startswith(EXPECTED[count:]) for count, drawn in enumerate(editor.lua("return drawn"), 1))


def test_typing_something_else_hides_the_ghost_text_at_once(editor: Editor) -> None:
    typed(editor)
    editor.lua("require('foretype.rpc').request = function() end")  # what follows is the plugin's own doing
    editor.keys("#")
    editor.wait(lambda: editor.line() == INDENT + TYPED + "#" and editor.ghost() == "", "it is hidden")


def test_a_dismissed_suggestion_is_gone_until_the_next_key(any_display: Editor) -> None:
    typed(any_display)
    any_display.keys("<C-]>")
    any_display.wait(lambda: any_display.ghost() == "", "it is hidden")
    assert any_display.line() == INDENT + TYPED
    any_display.keys(EXPECTED[0])
    any_display.wait_for_ghost(EXPECTED[1:])


def test_leaving_insert_mode_hides_the_ghost_text(any_display: Editor) -> None:
    typed(any_display)
    any_display.keys("<Esc>")
    any_display.wait(lambda: any_display.ghost() == "", "it is hidden")


def test_moving_the_caret_hides_the_ghost_text(editor: Editor) -> None:
    typed(editor)
    editor.keys("<Left>")
    editor.wait(lambda: editor.ghost() == "", "it is hidden")


def test_undo_takes_an_acceptance_back_in_one_step(any_display: Editor) -> None:
    typed(any_display)
    any_display.keys("<Tab>")
    any_display.wait(lambda: any_display.line() == ACCEPTED, "it is accepted")
    any_display.keys("<Esc>u")
    any_display.wait(lambda: any_display.line() == INDENT + TYPED, "it is undone, and what was typed is not")
    any_display.keys("<C-r>")
    any_display.wait(lambda: any_display.line() == ACCEPTED, "it is done again")


def test_what_is_typed_after_an_acceptance_is_a_step_of_its_own(editor: Editor) -> None:
    typed(editor)
    editor.keys("<Tab>")
    editor.wait(lambda: editor.line() == ACCEPTED, "it is accepted")
    editor.keys("zzz<Esc>u")
    editor.wait(lambda: editor.line() == ACCEPTED, "only the later keys are undone")


def test_a_dot_repeats_what_was_typed_and_accepted(editor: Editor) -> None:
    typed(editor)
    editor.keys("<Tab>")
    editor.wait(lambda: editor.line() == ACCEPTED, "it is accepted")
    editor.keys("<Esc>:put =''<CR>.")
    editor.wait(lambda: editor.buffer()[-2:] == [ACCEPTED, TYPED + EXPECTED], "a dot repeats it")


def test_without_a_suggestion_tab_does_what_it_did(program: Path, start: StartEditor, station: Path) -> None:
    editor = start(program, before="vim.keymap.set('i', '<Tab>', 'mapped')")
    editor.open(station)
    editor.keys("A<C-]><Tab>")
    editor.wait(lambda: editor.line() == INDENT + "mapped", "the mapping from before is used")
    editor.lua("require('foretype').setup({ keymaps = { accept = '<C-l>' } })")
    editor.keys("<Esc>S<Tab>")
    editor.wait(lambda: "mapped" in editor.line(), "the key was given back")


def test_without_a_suggestion_tab_is_a_tab(editor: Editor) -> None:
    editor.command("set noexpandtab softtabstop=0")
    editor.lua("require('foretype').pause()")
    editor.keys(":put =''<CR>Ax<Tab>")
    editor.wait(lambda: editor.line() == "x\t", "a tab is typed")


def test_no_keys_are_taken_if_none_are_wanted(newest: Path, start: StartEditor) -> None:
    editor = start(newest, setup="{ keymaps = false }")
    assert "Foretype" not in editor.lua("return vim.fn.execute('imap')")


def test_emoji_and_accents_before_the_caret_do_no_harm(any_display: Editor) -> None:
    any_display.lua("require('foretype').configure({ eagerness = 1 })")
    before = 'place = "\U0001f321\ufe0f né e\u0301 \U0001f469\u200d\U0001f469\u200d\U0001f467"; '
    any_display.keys("A" + before)
    any_display.type_until(TYPED, any_display.ghost)
    ghost = any_display.ghost()
    any_display.keys("<Tab>")
    any_display.wait(lambda: any_display.line() == INDENT + before + TYPED + ghost, "it is accepted where it was shown")


def test_of_two_windows_of_one_file_only_the_current_one_shows_it(editor: Editor) -> None:
    editor.command("vsplit")
    typed(editor)
    assert editor.screen().count(TYPED + EXPECTED) == 1
    editor.keys("<Esc><C-w>wA<BS>s")
    editor.wait_for_ghost(EXPECTED)
    assert editor.screen().count(TYPED + EXPECTED) == 1


def test_a_long_file_is_served(any_display: Editor, station: Path) -> None:
    line = 'register_measurement(registry, "humidity", unit="percent", interval_seconds=60)'
    long = station.with_name("long.py")
    long.write_text(OPENED.rstrip(" ") + f"    {line}\n" * 10_000 + "    ", encoding="utf-8")
    any_display.open(long)
    any_display.keys("A")
    any_display.type_until(TYPED, any_display.ghost)
    assert line.startswith(TYPED + any_display.ghost())


def candidates(editor: Editor) -> None:
    """Type to where several words could follow, and ask for them by hand."""
    editor.keys("A" + UNDECIDED)
    editor.wait(lambda: editor.line() == INDENT + UNDECIDED, "the keys have arrived")
    editor.press_until("<M-Bslash>", "<M-Bslash>", lambda: "(1/" in editor.ghost())


def test_several_candidates_can_be_looked_through(editor: Editor) -> None:
    candidates(editor)
    first = editor.ghost().partition(" (1/")[0]
    editor.keys("<M-]>")
    editor.wait(lambda: "(2/" in editor.ghost(), "the second of several is shown")
    assert editor.ghost().partition(" (2/")[0] != first
    editor.keys("<M-[>")
    editor.wait(lambda: editor.ghost().partition(" (1/")[0] == first, "the first one is back")


def test_a_chosen_candidate_stays_while_it_is_typed_along(editor: Editor) -> None:
    candidates(editor)
    editor.keys("<M-]>")
    editor.wait(lambda: "(2/" in editor.ghost(), "the second of several is shown")
    chosen = editor.ghost().partition(" (2/")[0]
    editor.keys(chosen[0])
    editor.wait(lambda: editor.line() == INDENT + UNDECIDED + chosen[0], "the key has arrived")
    editor.wait_for_ghost(chosen[1:])


def test_a_suggestion_of_several_lines_is_accepted_by_the_line(editor: Editor) -> None:
    editor.lua("require('foretype').configure({ maxLines = 4, maxBytes = 200, eagerness = 1 })")
    editor.keys('Aregister_measurement(registry, "humidity", unit="percent", interval_seconds=60')
    editor.type_until(")", lambda: "\n" in editor.ghost())
    before, lines = editor.buffer(), editor.ghost().split("\n")
    assert lines[1] in editor.screen()
    editor.keys("<M-C-Right>")
    first = [before[-1], lines[1]] if not lines[0] else [before[-1] + lines[0]]
    editor.wait(lambda: editor.buffer() == [*before[:-1], *first], "the first line is accepted, and nothing else")
