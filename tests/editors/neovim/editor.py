"""A real Neovim with the plugin, driven over its RPC; what it shows is read off its extmarks and its screen."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import psutil
import pynvim

PLUGIN = Path(__file__).parents[3] / "editors" / "neovim"
OWN, BUILTIN = "foretype.ghost", "nvim.lsp.inline_completion"
"""Namespaces of the two displays."""

_PATIENCE_SECONDS = 90.0
_LONGEST_SECONDS = 600.0
"""After that Neovim is ended, so that no test can hang on a question that it asks."""
_POLL_SECONDS = 0.02
_AGAIN_SECONDS = 3.0
_ROUNDS_TO_CLOSE = 3

_INIT = """\
vim.opt.runtimepath:prepend({plugin!r})
vim.o.swapfile, vim.o.more, vim.o.cmdheight = false, false, 4
vim.o.columns, vim.o.lines = 100, 30
{setup}
"""

_GHOST = """
local namespace = vim.api.nvim_get_namespaces()[...]
local mark = namespace and vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })[1]
if not mark then return '' end
local lines = { '' }
for _, chunk in ipairs(mark[4].virt_text or {}) do lines[1] = lines[1] .. chunk[1] end
for _, line in ipairs(mark[4].virt_lines or {}) do table.insert(lines, line[1][1]) end
return table.concat(lines, '\\n')
"""

_SCREEN = """
local row = ...
local text = ''
vim.cmd.redraw()
for column = 1, vim.o.columns do text = text .. vim.fn.screenstring(row, column) end
return text
"""

Value = TypeVar("Value")


class Editor:
    """One Neovim; a context manager that ends it with everything it started."""

    def __init__(
        self, program: Path, environment: dict[str, str], *, setup: str = "", display: str = OWN, before: str = ""
    ) -> None:
        """Start it; `setup` is the table given to `setup()` in Lua, `before` is Lua run earlier."""
        self.display = display
        self._folder = tempfile.TemporaryDirectory(prefix="foretype-nvim-")
        folder = Path(self._folder.name)
        call = f"require('foretype').setup({setup})" if setup else ""
        init, self.socket = folder / "init.lua", folder / "socket"
        init.write_text(_INIT.format(plugin=str(PLUGIN), setup=f"{before}\n{call}"))
        self._log = (folder / "stderr").open("w")
        self._process = subprocess.Popen(
            [program, "--headless", "--listen", self.socket, "--clean", "-u", init, "-i", "NONE"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        self._watchdog = threading.Timer(_LONGEST_SECONDS, self._kill)
        self._watchdog.daemon = True
        self._watchdog.start()
        self.nvim = self._attach()
        self.wait(lambda: self.lua("return vim.v.vim_did_enter") == 1, "Neovim is ready")

    def __enter__(self) -> Self:
        """Return the editor itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End Neovim and its children."""
        self._watchdog.cancel()
        self._kill()
        self._process.wait()
        self._hang_up()
        self._log.close()
        self._folder.cleanup()

    def lua(self, code: str, *arguments: Any) -> Any:
        """Run Lua and return what it returns."""
        return self.nvim.exec_lua(code, *arguments)

    def command(self, line: str) -> None:
        """Run an Ex command."""
        self.nvim.command(line)

    def open(self, file: Path, *, attached: bool = True) -> None:
        """Edit a file at its end, and wait until the server is attached to it."""
        self.command(f"edit {file}")
        if attached:
            self.wait_for_server()
        self.command("normal! G$")

    def wait_for_server(self) -> int:
        """Wait until the server is attached to the current buffer and return its process's id."""
        self.wait(lambda: self.lua("return require('foretype.server').client(0) ~= nil"), "the server is attached")
        return self.server_process()

    def server_process(self) -> int:
        """Return the id of the server's process, or 0."""
        children = self.lua("return vim.api.nvim_get_proc_children(vim.fn.getpid())")
        names = {child: Path(f"/proc/{child}/cmdline").read_bytes().decode() for child in children}
        return next((child for child, name in names.items() if "\0serve\0" in name), 0)

    def keys(self, keys: str) -> None:
        """Press keys, in Neovim's notation."""
        self.nvim.input(keys)

    def ghost(self) -> str:
        """Return the ghost text in the current buffer, lines below it included."""
        return str(self.lua(_GHOST, self.display))

    def buffer(self) -> list[str]:
        """Return the lines of the current buffer."""
        return [str(line) for line in self.lua("return vim.api.nvim_buf_get_lines(0, 0, -1, false)")]

    def line(self) -> str:
        """Return the line of the caret."""
        return str(self.lua("return vim.api.nvim_get_current_line()"))

    def screen(self) -> str:
        """Return what can be seen."""
        return "\n".join(str(self.lua(_SCREEN, row)) for row in range(1, 31))

    def messages(self) -> str:
        """Return all messages so far."""
        return str(self.lua("return vim.fn.execute('messages')"))

    def wait(self, condition: Callable[[], Value], what: str) -> Value:
        """Return the first true value of `condition`; fail when there is none for long."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while not (value := condition()):
            assert time.monotonic() < end, f"waited in vain until {what}; {self._state()}"
            time.sleep(_POLL_SECONDS)
        return value

    def quit(self) -> None:
        """Quit as a user does, and wait until the process is gone."""
        self.nvim.command("qall!", async_=True)
        self.wait_outside(lambda: self._process.poll() is not None)

    def wait_outside(self, condition: Callable[[], bool]) -> bool:
        """Wait for something that Neovim need not be asked; tell whether it came."""
        end = time.monotonic() + _PATIENCE_SECONDS
        while not (came := condition()) and time.monotonic() < end:
            time.sleep(_POLL_SECONDS)
        return came

    def wait_for_ghost(self, expected: str) -> None:
        """Wait until this is suggested, or more."""
        self.wait(lambda: self.ghost().startswith(expected), f"{expected!r} is suggested")

    def type_for_ghost(self, text: str, expected: str) -> None:
        """Type `text` in Insert mode until it gets this suggestion."""
        self.type_until(text, lambda: self.ghost() == expected)

    def type_until(self, text: str, condition: Callable[[], object]) -> None:
        """Type `text` until a condition holds; the first time may find the server still loading."""
        self.press_until(text, f"<BS>{text[-1]}", condition)

    def press_until(self, keys: str, again: str, condition: Callable[[], object]) -> None:
        """Press keys, and now and then others once more, until a condition holds."""
        self.keys(keys)
        end = time.monotonic() + _PATIENCE_SECONDS
        due = time.monotonic() + _AGAIN_SECONDS
        while not condition():
            assert time.monotonic() < end, f"the suggestion never came; {self._state()}"
            if time.monotonic() > due:
                due = time.monotonic() + _AGAIN_SECONDS
                self.keys(again)
            time.sleep(_POLL_SECONDS)

    def _attach(self) -> Any:
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return pynvim.attach("socket", path=str(self.socket))
            except OSError:
                assert time.monotonic() < end, "Neovim did not start"
                time.sleep(_POLL_SECONDS)

    def _hang_up(self) -> None:
        """Close the connection; pynvim closes its event loop before that has noticed, so it runs a little first."""
        for _ in range(_ROUNDS_TO_CLOSE):
            self.nvim.loop.call_soon(self.nvim.loop.stop)
            self.nvim.loop.run_forever()
        self.nvim.close()

    def _state(self) -> str:
        mode = self.nvim.api.get_mode()
        if mode["blocking"]:
            return f"Neovim asks something, mode {mode['mode']}"
        return f"ghost text {self.ghost()!r}, line {self.line()!r}, mode {mode['mode']}, messages: {self.messages()}"

    def _kill(self) -> None:
        """Kill Neovim and what it started: language servers have a process group of their own."""
        if self._process.poll() is not None:
            return
        family = [*psutil.Process(self._process.pid).children(recursive=True), psutil.Process(self._process.pid)]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family[:-1], timeout=_PATIENCE_SECONDS)
