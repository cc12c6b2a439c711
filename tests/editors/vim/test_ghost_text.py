"""What a user of Vim sees behind the caret, and how it is taken."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from tests.editors.terminal import wait_for
from tests.editors.vim.conftest import PATIENT, Open
from tests.editors.vim.driver import Vim, is_gone, show
from tests.editors.weather import AFTER_H, EMOJI, EXPECTED, TYPED, write_emoji


@pytest.mark.parametrize("program", ["vim", "vim-newest"])
def test_what_follows_is_shown_behind_the_caret_and_tab_accepts_it(start: Open, program: str) -> None:
    vim = start(program)
    vim.wait_until_ready()
    show(vim)
    vim.terminal.wait_for_text(f"    {TYPED}{EXPECTED}")
    assert vim.line() == f"    {TYPED}"
    assert vim.value("[line('.'), col('.')]") == [7, len(f"    {TYPED}") + 1]
    vim.press("Tab")
    vim.wait_for_line(f"    {TYPED}{EXPECTED}")
    vim.type("h")
    vim.wait_for_ghost(AFTER_H)
    vim.press("Tab")
    vim.wait_for_line(f"    {TYPED}{EXPECTED}h{AFTER_H}")


def test_ghost_text_has_a_colour_of_its_own(vim: Vim) -> None:
    show(vim)
    wait_for(lambda: f"[38;5;243m{EXPECTED}" in vim.terminal.screen(colours=True), "grey ghost text")
    vim.run("highlight ForetypeGhost ctermfg=9 | redraw!")
    wait_for(lambda: f"[91m{EXPECTED}" in vim.terminal.screen(colours=True), "red ghost text")


def test_accepting_is_one_step_of_undo(vim: Vim) -> None:
    show(vim)
    vim.press("Tab")
    vim.type("h")
    vim.wait_for_ghost(AFTER_H)
    vim.press("Escape")
    for line in (f"    {TYPED}{EXPECTED}", f"    {TYPED}", "    "):
        vim.type("u")
        vim.wait_for_line(line)


def test_a_word_is_accepted_and_the_rest_stays(vim: Vim) -> None:
    show(vim)
    vim.press("C-Right")
    vim.wait_for_line(f"    {TYPED}ter_measurement")
    vim.wait_for_ghost('(registry, "')
    vim.press("C-Right")
    vim.wait_for_line(f"    {TYPED}ter_measurement(")
    vim.press("Tab")
    vim.wait_for_line(f"    {TYPED}{EXPECTED}")


def test_a_line_of_several_is_accepted(start: Open) -> None:
    vim = start(options={"settings": {**PATIENT, "maxLines": 6, "maxBytes": 120, "eagerness": 1.0}})
    vim.wait_until_ready()
    # so near to its end the line alone saves little
    typed = f'{TYPED}{EXPECTED}pressure", unit="hectopascal", interval_sec'
    vim.type("GA" + typed)
    ghost = wait_for(lambda: vim.ghost() if "\n" in vim.ghost() else "", "ghost text of several lines")
    first, further = ghost.split("\n", 1)
    vim.terminal.wait_for_text(further.split("\n")[0])
    vim.press("C-End")
    vim.wait_for_line(f"    {typed}{first}")
    assert vim.value("line('$')") == 7
    wait_for(lambda: vim.ghost().startswith("\n" + further), "the further lines")
    vim.press("Tab")
    wait_for(lambda: vim.value("line('$')") > 7, "the further lines in the buffer")
    assert vim.text().endswith(f"{typed}{first}\n{further}\n")


def test_typing_along_the_ghost_text_keeps_it_without_asking_the_server(vim: Vim) -> None:
    show(vim)
    (server,) = vim.children()
    psutil.Process(server).suspend()
    try:
        vim.type("ter")
        vim.wait_for_ghost(EXPECTED.removeprefix("ter"))
        vim.terminal.wait_for_text(f"    {TYPED}{EXPECTED}")
        vim.type("x")
        wait_for(lambda: is_gone(vim), "the end of the ghost text")
    finally:
        psutil.Process(server).resume()


def test_a_key_takes_the_ghost_text_away(vim: Vim) -> None:
    show(vim)
    vim.press("C-]")
    wait_for(lambda: is_gone(vim), "the end of the ghost text")
    assert vim.line() == f"    {TYPED}"
    assert EXPECTED not in vim.terminal.screen()


@pytest.mark.parametrize("keys", [["Escape"], ["Left"], ["Up"], ["BSpace"]])
def test_ghost_text_does_not_outlast_its_place(vim: Vim, keys: list[str]) -> None:
    show(vim)
    vim.press(*keys)
    wait_for(lambda: is_gone(vim), "the end of the ghost text")
    wait_for(lambda: EXPECTED not in vim.terminal.screen(), "a screen without it")


def test_a_key_without_ghost_text_does_what_it_did(start: Open) -> None:
    vim = start(commands=["set expandtab shiftwidth=4", "inoremap <expr> <C-End> 'mine'"])
    vim.type("GA")
    vim.press("Tab", "C-End", "C-]")
    vim.wait_for_line(f"{'':8}mine")


def test_a_macro_neither_records_nor_plays_with_ghost_text(vim: Vim) -> None:
    show(vim)
    vim.press("Escape")
    vim.type(f"qqo{TYPED}")
    wait_for(lambda: vim.line().endswith(TYPED), "what was typed")
    vim.value("execute('sleep 1')")  # a suggestion would have come
    assert is_gone(vim)
    vim.type("\tx\x1bq")
    recorded = wait_for(lambda: vim.line() if vim.line().endswith("x") else "", "what was typed")
    vim.type("@q")
    wait_for(lambda: vim.value("getline(line('.') - 1, '.')") == [recorded, recorded], "what was recorded")


def test_keys_can_be_chosen_or_left_alone(start: Open) -> None:
    vim = start(options={"keys": {"accept": "<C-l>", "word": ""}})
    vim.wait_until_ready()
    show(vim)
    assert vim.value("maparg('<Tab>', 'i') . maparg('<C-Right>', 'i')") == ""
    vim.press("C-l")
    vim.wait_for_line(f"    {TYPED}{EXPECTED}")


def test_the_next_candidate_is_asked_for_by_hand(start: Open) -> None:
    vim = start(options={"settings": {**PATIENT, "candidates": 8, "temperature": 1.5}})
    vim.wait_until_ready()
    vim.type("GA" + TYPED + EXPECTED)
    vim.wait_for_line(f"    {TYPED}{EXPECTED}")
    vim.press("C-Down")
    wait_for(lambda: vim.value("foretype#ghost#Count()") > 1, "more than one candidate")
    first = vim.ghost()
    vim.press("C-Down")
    second = wait_for(lambda: vim.ghost() if vim.ghost() != first else "", "another candidate")
    vim.terminal.wait_for_text(f"2/{vim.value('foretype#ghost#Count()')}")
    vim.press("C-Up")
    vim.wait_for_ghost(first)
    vim.press("C-Down")
    vim.wait_for_ghost(second)
    vim.press("Tab")
    vim.wait_for_line(f"    {TYPED}{EXPECTED}{second}")


def test_an_emoji_before_the_caret_moves_nothing(start: Open, station: Path) -> None:
    write_emoji(station.parent)
    vim = start()
    vim.wait_until_ready()
    vim.type("GA" + EMOJI + TYPED)
    vim.wait_for_ghost(EXPECTED)
    vim.press("Tab")
    vim.wait_for_line(f"    {EMOJI}{TYPED}{EXPECTED}")
    assert vim.status()["documents"][0]["characters"] == len(vim.text())


def test_two_windows_on_one_file_show_the_same(vim: Vim) -> None:
    vim.run("split")
    show(vim)
    wait_for(lambda: vim.terminal.screen().count(f"    {TYPED}{EXPECTED}") == 2, "ghost text in both windows")
    vim.press("Tab")
    vim.wait_for_line(f"    {TYPED}{EXPECTED}")
    assert vim.value("len(getbufinfo())") == 1
    assert [document["trusted"] for document in vim.status()["documents"]] == [True]


def test_a_file_of_ten_thousand_lines_is_no_different(start: Open, station: Path) -> None:
    station.write_text(
        "\n".join(f"reading_{number} = {number}" for number in range(10_000)) + "\n" + station.read_text()
    )
    vim = start()
    vim.wait_until_ready()
    show(vim)
    vim.press("Tab")
    vim.wait_for_line(f"    {TYPED}{EXPECTED}")
    assert vim.status()["documents"][0]["characters"] == len(vim.text())
