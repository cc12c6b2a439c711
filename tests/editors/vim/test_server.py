"""The server behind Vim: it comes again, is shared, and has the text that Vim has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
from tests.editors.recorder import recorded
from tests.editors.terminal import wait_for
from tests.editors.vim.conftest import Open
from tests.editors.vim.driver import Vim, show
from tests.editors.weather import EXPECTED, TYPED

RECORDER = Path(__file__).parents[1] / "recorder.py"

DEAF = """
import json, os, sys, time
def send(message):
    body = json.dumps({"jsonrpc": "2.0", **message})
    print(f"Content-Length: {len(body)}\\r\\n\\r\\n{body}", end="", flush=True)
os.read(0, 1 << 20)
os.close(0)
send({"id": 1, "result": {"capabilities": {"positionEncoding": "utf-8"}}})
while True:  # until nobody listens
    time.sleep(0.1)
    send({"method": "window/logMessage", "params": {"type": 4, "message": "still here"}})
"""
"""A server that answers the first request and reads nothing more."""


def test_a_server_that_was_killed_comes_again(vim: Vim) -> None:
    show(vim)
    (server,) = vim.children()
    psutil.Process(server).kill()
    wait_for(lambda: vim.value("foretype#client#Phase()") != "ready", "the news of its end")
    wait_for(lambda: vim.children() not in ([], [server]), "another server")
    vim.wait_until_ready()
    vim.press("Escape", "S")
    vim.type(TYPED)
    vim.wait_for_ghost(EXPECTED)
    assert vim.value("execute('messages')").count("foretype:") == 0


def test_a_server_that_no_longer_reads_is_no_error_of_the_editor(start: Open, tmp_path: Path) -> None:
    program = tmp_path / "deaf.py"
    program.write_text(DEAF)
    vim = start(options={"cmd": [sys.executable, str(program)]})
    wait_for(lambda: vim.value("foretype#client#Phase()") == "ready", "the answer")
    vim.type("GAx\x1b")
    vim.wait_for_line("    x")
    assert "E631" not in vim.value("execute('messages')")


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


def test_entering_insert_mode_sends_no_text_that_the_server_has(start: Open, tmp_path: Path) -> None:
    record = tmp_path / "record"
    vim = start(options={"cmd": [sys.executable, str(RECORDER), str(record), "foretype", "serve"]})
    vim.wait_until_ready()
    before = record.stat().st_size
    vim.type("GA\x1bix\x1b")
    vim.wait_for_line("   x ")
    vim.run("call listener_flush()")
    vim.status()
    told = record.read_bytes()[before:]
    assert b"textDocument/didChange" in told
    assert b"install" not in told


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
