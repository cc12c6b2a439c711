"""What a user of Vim sees and does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.editors.installation import installed
from tests.editors.recorder import recorded
from tests.editors.terminal import wait_for
from tests.editors.vim.driver import PLUGIN, Vim
from tests.editors.weather import AFTER_H, EMOJI, EXPECTED, TYPED, write_emoji

PATIENT = {"deadlineMs": 60_000}
"""Settings for a machine that is busy with other things."""
RECORDER = Path(__file__).parents[1] / "recorder.py"

Open = Callable[..., Vim]


@pytest.fixture(scope="session")
def programs() -> Path:
    return installed("vim") / "bin"


@pytest.fixture
def start(programs: Path, station: Path, environment: dict[str, str]) -> Iterator[Open]:
    """Return a function that opens the station in Vim."""
    running: list[Vim] = []

    def run(program: str = "vim", options: dict[str, Any] | None = None, **more: Any) -> Vim:
        given = {"settings": PATIENT, **(options or {})}
        running.append(Vim(programs / program, [station], environment, given, **more))
        return running[-1]

    yield run
    for vim in running:
        vim.__exit__()


@pytest.fixture
def vim(start: Open) -> Vim:
    """Return a Vim whose server is ready."""
    vim = start()
    vim.wait_until_ready()
    return vim


def show(vim: Vim) -> None:
    """Type until there is ghost text."""
    vim.type("GA" + TYPED)
    vim.wait_for_ghost(EXPECTED)


def is_gone(vim: Vim) -> bool:
    return vim.ghost() == ""


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
    vim.type("GA" + f"{TYPED}{EXPECTED}pressure")
    ghost = wait_for(lambda: vim.ghost() if "\n" in vim.ghost() else "", "ghost text of several lines")
    first, further = ghost.split("\n", 1)
    vim.terminal.wait_for_text(further.split("\n")[0])
    vim.press("C-End")
    vim.wait_for_line(f"    {TYPED}{EXPECTED}pressure{first}")
    assert vim.value("line('$')") == 7
    wait_for(lambda: vim.ghost().startswith("\n" + further), "the further lines")
    vim.press("Tab")
    wait_for(lambda: vim.value("line('$')") > 7, "the further lines in the buffer")
    assert vim.text().endswith(f"pressure{first}\n{further}\n")


def test_typing_along_the_ghost_text_keeps_it_without_asking_the_server(vim: Vim) -> None:
    show(vim)
    (server,) = vim.children()
    os.kill(server, signal.SIGSTOP)
    try:
        vim.type("ter")
        vim.wait_for_ghost(EXPECTED.removeprefix("ter"))
        vim.terminal.wait_for_text(f"    {TYPED}{EXPECTED}")
        vim.type("x")
        wait_for(lambda: is_gone(vim), "the end of the ghost text")
    finally:
        os.kill(server, signal.SIGCONT)


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


def test_a_server_that_was_killed_comes_again(vim: Vim) -> None:
    show(vim)
    (server,) = vim.children()
    os.kill(server, signal.SIGKILL)
    wait_for(lambda: vim.value("foretype#client#Phase()") != "ready", "the news of its end")
    wait_for(lambda: vim.children() not in ([], [server]), "another server")
    vim.wait_until_ready()
    vim.press("Escape", "S")
    vim.type(TYPED)
    vim.wait_for_ghost(EXPECTED)
    assert vim.value("execute('messages')").count("foretype:") == 0


def test_settings_change_while_the_server_runs(vim: Vim) -> None:
    vim.run("Foretype set enabled false")
    wait_for(lambda: not vim.status()["settings"]["enabled"], "the setting")
    vim.type("GA" + TYPED)
    wait_for(lambda: vim.status()["silences"].get("disabled"), "a silence")
    assert is_gone(vim)
    vim.run("Foretype set enabled true")
    vim.type("t")
    vim.wait_for_ghost(EXPECTED.removeprefix("t"))


def test_suggestions_can_be_paused_and_asked_for_by_hand_meanwhile(vim: Vim) -> None:
    vim.run("Foretype pause")
    assert vim.value("foretype#Statusline()") == "Foretype paused"
    vim.type("GA" + TYPED)
    vim.wait_for_line(f"    {TYPED}")
    assert is_gone(vim)
    vim.press("C-Down")
    wait_for(lambda: not is_gone(vim), "what was asked for")
    vim.run("Foretype toggle")
    vim.type("t")
    vim.wait_for_ghost(EXPECTED.removeprefix("t"))


def test_learning_shows_how_far_it_is_while_typing_goes_on(vim: Vim) -> None:
    vim.run("set laststatus=2 statusline=%{foretype#Statusline()}")
    vim.type(":Foretype train --minutes 0.2 --from scratch --hidden 16 --layers 1 .\n")
    vim.terminal.wait_for_text("Foretype learns")
    vim.type("GAx = 1")  # nothing waits for it
    vim.wait_for_line("    x = 1")
    wait_for(lambda: "bits per byte" in vim.value("execute('messages')"), "the end of learning", 300)
    assert "serves now" in vim.value("execute('messages')")
    assert vim.value("foretype#Statusline()") == "Foretype"


@pytest.mark.parametrize(
    ("command", "shown"),
    [("status", "keys saved"), ("doctor", "ok"), ("stats", "suggest"), ("log", "")],
)
def test_commands_show_what_they_say_in_a_window_of_their_own(vim: Vim, command: str, shown: str) -> None:
    vim.run(f"Foretype {command}")
    wait_for(lambda: vim.value("bufname()") == f"foretype://{command}", "the window")
    assert shown in vim.text()
    vim.type("q")
    wait_for(lambda: vim.value("winnr('$')") == 1, "its end")


def test_the_command_completes_its_words(vim: Vim) -> None:
    assert vim.value("getcompletion('Foretype re', 'cmdline')") == ["restart", "resume"]
    assert "maxBytes" in vim.value("getcompletion('Foretype set max', 'cmdline')")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cmd": "foretype"}, "g:foretype.cmd must be a list of strings"),
        ({"eagerness": 1}, "g:foretype has no option 'eagerness'"),
        ({"keys": {"acept": "<Tab>"}}, "g:foretype.keys has no action 'acept'"),
        ({"cmd": ["no-such-program"]}, "'no-such-program' was not found; `pip install foretype`"),
        ({"cmd": ["foretype", "serve", "--no-such-option"]}, "No such option"),
        ({"settings": {"eagerness": "much"}}, "eagerness: expected float, got str"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(start: Open, options: dict[str, Any], said: str) -> None:
    vim = start(options=options)
    wait_for(lambda: said in vim.value("execute('messages')"), said)
    assert len([line for line in vim.value("execute('messages')").splitlines() if "foretype:" in line]) == 1


def test_a_server_that_all_editors_share_is_joined(start: Open, environment: dict[str, str], tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    command = [sys.executable, "-m", "foretype.server", "serve", "--tcp", "127.0.0.1:0", "--port-file", str(port_file)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as daemon:
        try:
            address = wait_for(lambda: port_file.is_file() and port_file.read_text().strip(), "the daemon")
            vim = start(options={"connect": address})
            vim.wait_until_ready()
            show(vim)
        finally:
            daemon.terminate()


def test_the_server_has_the_text_that_vim_has_whatever_is_done_to_it(start: Open, tmp_path: Path) -> None:
    record = tmp_path / "record"
    vim = start(options={"cmd": [sys.executable, str(RECORDER), str(record), "foretype", "serve"]})
    vim.wait_until_ready()
    for keys in EDITS:
        vim.type(keys)
        vim.press("Escape")
    vim.type(":let g:done = 1\n")
    wait_for(lambda: vim.value("exists('g:done')"), "the end of all edits")
    vim.run("call listener_flush()")
    last = vim.status()["documents"][0]
    assert last["characters"] == len(vim.text())
    (document,) = recorded(record).values()
    assert document.text == vim.text()


EDITS = [
    "Goregister",
    "Oabove\nand\nbelow",
    "yyp",
    "3dd",
    "u",
    "2J",
    ">>",
    ":%s/measurement/reading/g\n",
    ":2,4m0\n",
    "xp",
    "gg\x16jjIé😀",
    ":sort\n",
    "GRover",
    "u\x12",
    "ggyG3p",
    "ciw😀",
    "A é\b\b\n\n",
    ":g/reg/normal! Ax\n",
    "u",
    ":e!\n",
    "Gofoo(bar)\x17",
    "ggVGd",
    "ifrom nothing",
    "u",
    ":1,2!sort\n",
    "O\x16\x00null",
]


def test_the_help_has_tags_for_all_that_it_names(programs: Path, environment: dict[str, str], tmp_path: Path) -> None:
    text = (PLUGIN / "doc" / "foretype.txt").read_text()
    (tmp_path / "foretype.txt").write_text(text)
    vim = [str(programs / "vim"), "-es", "-u", "NONE", "-c", f"helptags {tmp_path}", "-c", "qa!"]
    assert subprocess.run(vim, env=environment, check=False).returncode == 0
    tags = {line.split("\t")[0] for line in (tmp_path / "tags").read_text().splitlines()}
    assert {":Foretype", "g:foretype", "foretype#Statusline()", "foretype.txt", "<Plug>(foretype-accept)"} <= tags
    assert all(len(line) <= 79 for line in text.splitlines())
