"""What the keys do in a real Vim where there is no ghost text: what they did before."""

from __future__ import annotations

import pytest
from tests.editors.vim.conftest import Open
from tests.editors.vim.driver import Vim

SILENT = {"autostart": False}
MAPPINGS = {
    "imap <expr> <Tab> pumvisible() ? '<C-n>' : '<Tab>'": "\t",
    'imap <expr> <Tab> pumvisible() ? "\\<C-n>" : "\\<Tab>é…"': "\té…",
    "inoremap <expr> <Tab> pumvisible() ? '<C-n>' : '<Tab>'": "\t",
    "imap <Tab> <Tab>x": "\tx",
    "inoremap <Tab> a<Bar>b": "a|b",
    "inoremap <Tab> <C-r>=1+1<CR>": "2",
    "imap <expr> <Tab> '<Plug>(other)'": "another mapping's",
    "imap <Tab> <Plug>(other)": "another mapping's",
}
"""Mappings that users have, and what a key then types."""


def type_into(vim: Vim, keys: str) -> str:
    """Type into an empty buffer and return its line."""
    vim.run("enew!")
    vim.type(f"i{keys}z\x1b")
    vim.terminal.wait_for_text("z")
    return vim.line().removesuffix("z")


@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("program", ["vim", "vim-newest"])
def test_a_key_without_ghost_text_does_what_its_mapping_did(start: Open, program: str, mapping: str) -> None:
    vim = start(program, SILENT, commands=["inoremap <Plug>(other) another mapping's", mapping, "set noexpandtab"])
    assert type_into(vim, "\t") == MAPPINGS[mapping]


def test_a_special_key_may_begin_its_own_mapping(start: Open) -> None:
    keys = {"accept": "<C-l>", "word": "<C-Right>"}
    vim = start(options={**SILENT, "keys": keys}, commands=["imap <C-l> <C-l>a", "imap <expr> <C-Right> '<C-Right>b'"])
    assert type_into(vim, "\x0c") == "\x0ca"
    vim.type("S")
    vim.press("C-Right")
    vim.type("z\x1b")
    vim.wait_for_line("bz")


def test_a_mapping_of_one_buffer_hides_no_mapping_of_all(start: Open) -> None:
    of_one = "autocmd BufReadPost * inoremap <buffer> <Tab> of one"
    vim = start(options=SILENT, commands=["inoremap <Tab> of all", of_one])
    assert vim.value("maparg('<Tab>', 'i')") == "of one"
    assert type_into(vim, "\t") == "of all"
