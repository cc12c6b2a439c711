"""What a user of Vim can say to Foretype, and what is said in answer."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.editors.terminal import wait_for
from tests.editors.vim.conftest import Open
from tests.editors.vim.driver import PLUGIN, Vim, is_gone
from tests.editors.weather import EXPECTED, TYPED


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
    # which of the two is true depends on how much a machine learns in these seconds
    assert re.search("serves now|does not serve", vim.value("execute('messages')"))
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


@pytest.mark.parametrize("name", ["vim", "vim-newest"])
def test_a_program_whose_python_is_gone_is_told_of_once_with_what_to_do(start: Open, name: str, station: Path) -> None:
    program = station.with_name("foretype")
    program.write_text("#!/no/such/python\n")
    program.chmod(0o755)
    vim = start(name, {"cmd": [str(program), "serve"]})
    wait_for(lambda: "install it anew" in vim.value("execute('messages')"), "what to do")
    vim.value("execute('sleep 2')")  # it would have been started again
    vim.type("GAx\x1b")
    vim.wait_for_line("    x")
    assert vim.value("execute('messages')").count("foretype:") == 1
    assert vim.value("foretype#Statusline()") == "Foretype failed"


def test_the_help_has_tags_for_all_that_it_names(programs: Path, environment: dict[str, str], tmp_path: Path) -> None:
    text = (PLUGIN / "doc" / "foretype.txt").read_text()
    (tmp_path / "foretype.txt").write_text(text)
    vim = [str(programs / "vim"), "-es", "-u", "NONE", "-c", f"helptags {tmp_path}", "-c", "qa!"]
    assert subprocess.run(vim, env=environment, check=False).returncode == 0
    tags = {line.split("\t")[0] for line in (tmp_path / "tags").read_text().splitlines()}
    assert {":Foretype", "g:foretype", "foretype#Statusline()", "foretype.txt", "<Plug>(foretype-accept)"} <= tags
    assert all(len(line) <= 79 for line in text.splitlines())
