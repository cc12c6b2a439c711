"""The server behind a real Neovim: it dies and comes back, takes settings live, sees only normal files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
from tests.editors.neovim.conftest import StartEditor
from tests.editors.neovim.editor import Editor
from tests.editors.weather import EXPECTED, TYPED


def test_a_killed_server_comes_back_and_suggests_again(any_display: Editor) -> None:
    killed = any_display.server_process()
    any_display.keys("A")
    any_display.type_for_ghost(TYPED, EXPECTED)
    psutil.Process(killed).kill()
    any_display.wait(lambda: any_display.server_process() not in (0, killed), "another server runs")
    any_display.wait_for_server()
    any_display.keys("<C-u>")
    any_display.type_for_ghost(TYPED, EXPECTED)
    assert "foretype" not in any_display.messages()


def test_a_server_that_dies_at_once_is_given_up_and_told_of_once(
    newest: Path, start: StartEditor, station: Path
) -> None:
    program = station.with_name("broken")
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    editor = start(newest, setup=f"{{ command = '{program}' }}")
    editor.open(station, attached=False)
    editor.wait(lambda: "ended" in editor.messages(), "it is given up")
    assert editor.messages().count("the server ended 6 times within a minute (exit code 3)") == 1
    assert ":Foretype restart" in editor.messages()
    editor.keys("Aregis<Esc>")
    editor.wait(lambda: editor.line().endswith("regis"), "the keys have arrived")
    assert editor.messages().count("ended") == 1


def test_a_missing_program_is_told_of_once(newest: Path, start: StartEditor, station: Path) -> None:
    editor = start(newest, setup="{ command = 'not-foretype' }")
    editor.open(station, attached=False)
    editor.wait(lambda: "not-foretype is not an executable" in editor.messages(), "it is told")
    editor.open(station.with_name("station_east.py"), attached=False)
    editor.keys("Ax<Esc>")
    editor.wait(lambda: editor.line().endswith("x"), "the keys have arrived")
    assert editor.messages().count("not an executable") == 1


def test_a_program_whose_python_is_gone_is_told_of_once_with_what_to_do(
    program: Path, start: StartEditor, station: Path
) -> None:
    foretype = station.with_name("foretype")
    foretype.write_text("#!/no/such/python\n")
    foretype.chmod(0o755)
    editor = start(program, setup=f"{{ command = '{foretype}' }}")
    editor.open(station, attached=False)
    editor.wait(lambda: "install it anew" in editor.messages(), "it is told")
    editor.open(station.with_name("station_east.py"), attached=False)
    editor.keys("Ax<Esc>")
    editor.wait(lambda: editor.line().endswith("x"), "the keys have arrived")
    assert editor.messages().count("cannot be started") == 1
    assert editor.lua("return require('foretype').statusline()") == "foretype: stopped"
    for count, command in enumerate(("doctor", "stats table", "train"), 2):
        editor.keys(f":Foretype {command}<CR>")
        editor.wait(lambda count=count: editor.messages().count("install it anew") == count, "it is told")  # type: ignore[misc]
    assert editor.lua("return require('foretype.training').progress()") is None
    editor.command("checkhealth foretype")
    assert "install it anew" in "\n".join(editor.buffer())


def test_settings_are_changed_live(any_display: Editor) -> None:
    any_display.keys("A")
    any_display.type_for_ghost(TYPED, EXPECTED)
    server = any_display.server_process()
    any_display.lua("require('foretype').configure({ maxBytes = 16 })")
    any_display.keys("<BS>")
    any_display.type_until("s", lambda: 0 < len(any_display.ghost()) <= 16)
    assert any_display.server_process() == server


def test_a_wrong_setting_is_told_of(editor: Editor) -> None:
    editor.lua("require('foretype').configure({ eagerness = 'much' })")
    editor.wait(lambda: "eagerness: expected float, got str" in editor.messages(), "the server complains")


def test_settings_may_come_from_neovims_own_configuration(newest: Path, start: StartEditor, station: Path) -> None:
    editor = start(newest, before="vim.lsp.config('foretype', { settings = { foretype = { maxBytes = 16 } } })")
    editor.open(station)
    editor.keys("A")
    editor.type_until(TYPED, lambda: 0 < len(editor.ghost()) <= 16)


def test_wrong_options_are_told_of_in_one_line_each(newest: Path, start: StartEditor) -> None:
    editor = start(newest, setup="{ display = 'mine', colour = 1, keymaps = { acept = '<Tab>' }, connect = 'nowhere' }")
    told = sorted(line for line in editor.messages().splitlines() if line)
    assert [line.partition(";")[0].partition(",")[0] for line in told] == [
        "foretype: option connect: expected HOST:PORT or false",
        'foretype: option display: expected "own" or "builtin"',
        "foretype: option keymaps: expected a table with the keys accept",
        'foretype: unknown option "colour"',
    ]
    assert 'expected "own" or "builtin", got "mine"' in editor.messages()


def test_one_server_serves_the_files_of_all_projects(editor: Editor, tmp_path: Path) -> None:
    first = editor.server_process()
    other = tmp_path / "other"
    (other / ".git").mkdir(parents=True)
    (other / "made.py").write_text("made = 1\n")
    editor.open(other / "made.py")
    assert editor.server_process() == first
    folders = editor.lua(
        "return vim.tbl_map(function(f) return f.name end, vim.lsp.get_clients()[1].workspace_folders)"
    )
    assert [Path(folder).name for folder in folders] == ["weather", "other"]


def test_only_files_that_can_be_written_are_served(editor: Editor, station: Path) -> None:
    served = "return require('foretype.server').client(0) ~= nil"
    editor.command("enew | setlocal buftype=prompt | startinsert")
    assert not editor.lua(served)
    editor.command("stopinsert | terminal")
    assert not editor.lua(served)
    editor.command(f"view {station.with_name('station_east.py')}")
    assert not editor.lua(served)
    assert editor.lua("return require('foretype').statusline()") == ""
    editor.command(f"edit! {station}")
    assert editor.lua(served)


def test_a_file_without_a_type_and_one_that_is_new_are_served(editor: Editor, station: Path) -> None:
    editor.open(station.with_name("notes-without-type"))
    assert editor.lua("return vim.bo.filetype") == ""


def test_a_shared_daemon_is_joined(
    newest: Path, start: StartEditor, station: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    port_file = tmp_path / "port"
    command = [sys.executable, "-m", "foretype.server", "serve", "--tcp", "127.0.0.1:0", "--port-file", str(port_file)]
    daemon = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        waiting = start(newest, setup="{ keymaps = false }")
        address = waiting.wait(lambda: port_file.read_text().strip() if port_file.is_file() else "", "it listens")
        editor = start(newest, setup=f"{{ connect = '{address.rpartition('/')[2]}' }}")
        editor.open(station)
        arguments = Path(f"/proc/{editor.server_process()}/cmdline").read_text().split("\0")
        assert "--connect" in arguments
        editor.keys("A")
        editor.type_for_ghost(TYPED, EXPECTED)
    finally:
        daemon.kill()
        daemon.wait()


def test_a_restart_starts_another_server(editor: Editor) -> None:
    before = editor.server_process()
    editor.command("Foretype restart")
    editor.wait(lambda: editor.server_process() not in (0, before), "another server runs")
    editor.wait_for_server()
    editor.keys("A")
    editor.type_for_ghost(TYPED, EXPECTED)


def test_the_server_ends_with_neovim(newest: Path, start: StartEditor, station: Path) -> None:
    editor = start(newest)
    editor.open(station)
    server = editor.server_process()
    editor.quit()
    assert editor.wait_outside(lambda: not Path(f"/proc/{server}").exists())


def test_enabling_the_server_by_hand_starts_no_second_one(newest: Path, start: StartEditor, station: Path) -> None:
    editor = start(newest, before="vim.lsp.enable('foretype')")
    editor.open(station)
    editor.keys("A")
    editor.type_for_ghost(TYPED, EXPECTED)
    assert editor.lua("return #vim.lsp.get_clients()") == 1
