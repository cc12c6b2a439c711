"""What the keys do in real Neovims where there is no suggestion: what they did before."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.editors.neovim.conftest import StartEditor
from tests.editors.neovim.editor import Editor

MAPPINGS = {
    "imap <expr> <Tab> pumvisible() ? '<C-n>' : '<Tab>é…'": "\té…",
    'imap <expr> <Tab> pumvisible() ? "\\<C-n>" : "\\<Tab>"': "\t",
    'inoremap <expr> <Tab> pumvisible() ? "\\<C-n>" : "\\<Tab>"': "\t",
    "inoremap <expr> <Tab> pumvisible() ? '<C-n>' : '<Tab>'": "\t",
    "imap <Tab> <Tab>x": "\tx",
    "inoremap <Tab> a<Bar>b": "a|b",
    "inoremap <Tab> <C-r>=1+1<CR>": "2",
    "imap <expr> <Tab> '<Plug>(other)'": "another mapping's",
    "imap <Tab> <Plug>(other)": "another mapping's",
    "lua vim.keymap.set('i', '<Tab>', function() return '<Tab>x' end, { expr = true, remap = true })": "\tx",
    "lua vim.keymap.set('i', '<Tab>', function() return '<Plug>(other)' end, { expr = true, remap = true })": (
        "another mapping's"
    ),
    "lua vim.keymap.set('i', '<Tab>', function() vim.api.nvim_put({ 'put' }, 'c', false, true) end)": "put",
}
"""Mappings that users have, and what a key then types."""


def typed(editor: Editor, keys: str) -> str:
    """Press keys and Escape in an empty buffer without a name and return its text."""
    editor.keys(keys + "<Esc>")
    editor.wait(lambda: not (now := editor.nvim.api.get_mode())["blocking"] and now["mode"] == "n", "typing is over")
    return "\n".join(editor.buffer())


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_a_key_without_a_suggestion_does_what_its_mapping_did(program: Path, start: StartEditor, mapping: str) -> None:
    other = "inoremap <Plug>(other) another mapping's"
    editor = start(program, before=f"vim.cmd([==[{other}]==])\nvim.cmd([==[{mapping}]==])\nvim.o.expandtab = false")
    editor.keys("i")
    assert typed(editor, "<Tab>") == MAPPINGS[mapping]


def test_alt_with_a_key_without_a_suggestion_is_escape_and_that_key_as_in_neovim(
    program: Path, start: StartEditor
) -> None:
    editor = start(program, setup="{ keymaps = { next = '<M-x>', dismiss = '<M-Left>' } }")
    assert typed(editor, "iabc<M-x>") == "ab"
    assert typed(editor, "A<M-Left>x") == "b"


def test_a_mapping_of_one_buffer_hides_no_mapping_of_all(program: Path, start: StartEditor) -> None:
    maps = "vim.keymap.set('i', '<Tab>', 'of all')\nvim.keymap.set('i', '<Tab>', 'of one', { buffer = true })"
    editor = start(program, before=maps)
    assert typed(editor, "i<Tab>") == "of one"
    editor.command("enew!")
    assert typed(editor, "i<Tab>") == "of all"


def test_a_mapping_that_was_made_since_is_not_taken_away(program: Path, start: StartEditor) -> None:
    editor = start(program)
    editor.lua("vim.keymap.set('i', '<Tab>', 'of late')")
    assert typed(editor, "i<Tab>") == "of late"
    editor.lua("require('foretype').setup({ keymaps = { accept = '<C-l>' } })")
    assert typed(editor, "S<Tab>") == "of late"
