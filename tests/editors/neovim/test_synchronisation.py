"""After random edits in a real Neovim the server's document is the editor's buffer, to the last byte."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.editors import recorder
from tests.editors.neovim.conftest import StartEditor
from tests.editors.neovim.editor import Editor

EDITS = 300
PIECES = (
    "a", "b c", "\t", "  ", "é", "e\u0301", "😀", "👩\u200d👩", "漢字", "\x0c", "\x0b", "\u2028", "\u2029", "\x85",
    "\x1c", "\x01", "\x7f", "def f():", "\n", "\n\n", "x\ny", "\n\t😀\n", "\ufeff", "'\"({[",
)  # fmt: skip
"""What is put in: among it all that `str.splitlines` takes for a line end and LSP does not."""

SET_TEXT = """
local random, text = ...
local count = vim.api.nvim_buf_line_count(0)
local function place()
  local row = math.floor(table.remove(random, 1) * count)
  local line = vim.api.nvim_buf_get_lines(0, row, row + 1, true)[1]
  local column = math.floor(table.remove(random, 1) * (vim.fn.strchars(line, 1) + 1))
  return row, #vim.fn.strcharpart(line, 0, column)
end
local row, column = place()
local last_row, last_column = row, column
if table.remove(random, 1) < 0.4 then
  last_row, last_column = place()
  last_row = math.min(last_row, row + 3)
  if last_row < row or (last_row == row and last_column < column) then
    row, column, last_row, last_column = last_row, last_column, row, column
  end
  local line = vim.api.nvim_buf_get_lines(0, last_row, last_row + 1, true)[1]
  last_column = math.min(last_column, #line)
  last_column = #line:sub(1, last_column) - #(line:sub(1, last_column):match('[\\xc2-\\xf4][\\x80-\\xbf]*$') or '')
  if last_row == row and last_column < column then last_column = column end
end
vim.api.nvim_buf_set_text(0, row, column, last_row, last_column, vim.split(text, '\\n'))
"""


def edits(seed: int) -> Iterator[Callable[[Editor], None]]:
    """Yield random edits, as scripts, keys and Ex commands make them."""
    draw = random.Random(seed)
    for _ in range(EDITS):
        kind, text = draw.random(), "".join(draw.choices(PIECES, k=draw.randint(0, 4)))
        numbers = [draw.random() for _ in range(6)]
        if kind < 0.55:
            yield lambda editor, numbers=numbers, text=text: editor.lua(SET_TEXT, numbers, text)  # type: ignore[misc]
        elif kind < 0.75:
            moves = draw.choice(["gg0", "G$", "w", "b", "jl", "kh", ""])
            change = draw.choice(["i", "A", "o", "O", "cw", "s"])
            keys = moves + change + text + draw.choice(["", "\x17", "\x08\x08", "\x15"]) + "\x1b"
            yield lambda editor, keys=keys: editor.nvim.feedkeys(keys, "ntx")  # type: ignore[misc]
        else:
            command = draw.choice(
                ["silent! undo", "silent! redo", "silent! normal! 2dd", "silent! normal! J", "silent! normal! p",
                 "silent! %s/a/bb/ge", "silent! %s/b\\+/é/e", "silent! 1,3m$", "silent! g/x/t.", "silent! 2,4d",
                 "silent! normal! yyP", "silent! normal! vjd", "silent! earlier 3", "silent! normal! ~"]
            )  # fmt: skip
            yield lambda editor, command=command: editor.command(command)  # type: ignore[misc]


def buffer_text(editor: Editor) -> str:
    """Return what Neovim would write, its line ends included."""
    end = "\r\n" if editor.lua("return vim.bo.fileformat") == "dos" else "\n"
    return "".join(line + end for line in editor.buffer())


@pytest.mark.parametrize("file_format", ["unix", "dos"])
@pytest.mark.parametrize("seed", [1, 2])
def test_random_edits_never_diverge(
    newest: Path, start: StartEditor, tmp_path: Path, file_format: str, seed: int
) -> None:
    record, file = tmp_path / "record", tmp_path / "random.py"
    end = b"\r\n" if file_format == "dos" else b"\n"
    file.write_bytes(b"def f(a):" + end + "    return 'é😀' + a".encode() + end + b"x = 1" + end)
    command = [sys.executable, str(Path(recorder.__file__)), str(record), sys.executable, "-m", "foretype.server"]
    quoted = ", ".join(json.dumps(part) for part in command)
    editor = start(newest, setup=f"{{ command = {{ {quoted} }} }}")
    editor.open(file)
    assert editor.lua("return vim.bo.fileformat") == file_format
    uri = editor.lua("return vim.uri_from_bufnr(0)")
    for number, edit in enumerate(edits(seed)):
        edit(editor)
        if number % 50 == 49:
            wait_for_the_same(editor, record, uri)
    wait_for_the_same(editor, record, uri)


def wait_for_the_same(editor: Editor, record: Path, uri: str) -> None:
    """Wait until the server has been told everything, and compare."""
    version = editor.lua("return vim.api.nvim_buf_get_changedtick(0)")
    editor.wait(lambda: recorder.recorded(record)[uri].version >= version, "the last edit is told")
    assert recorder.recorded(record)[uri].text == buffer_text(editor)
