"""A real Vim with the plugin: typed into as a user types, asked over a channel of its own."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

from tests.editors.terminal import PATIENCE_SECONDS, Terminal, has_ended, wait_for
from tests.editors.weather import EXPECTED, TYPED

PLUGIN = Path(__file__).parents[3] / "editors" / "vim"


class Vim:
    """Run Vim in a terminal; a context manager that ends it and all it started."""

    def __init__(
        self,
        program: Path,
        files: Sequence[Path],
        environment: Mapping[str, str],
        options: Mapping[str, Any] | None = None,
        commands: Sequence[str] = (),
        size: tuple[int, int] = (110, 24),
    ) -> None:
        """Start Vim with these values of `g:foretype`; `commands` run before plugins are loaded."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE_SECONDS)
        port = self._listener.getsockname()[1]
        before = [
            f"let g:test = ch_open('127.0.0.1:{port}', #{{waittime: 20000}})",
            f"set cpoptions&vim loadplugins runtimepath^={PLUGIN} noswapfile nobackup viminfo=",
            f"let g:foretype = json_decode({_quoted(json.dumps(options or {}))})",
            *commands,
        ]
        arguments = [argument for command in before for argument in ("--cmd", command)]
        self.terminal = Terminal(
            [str(program), "--clean", *arguments, *map(str, files)], environment, columns=size[0], lines=size[1]
        )
        try:
            self._channel, _ = self._listener.accept()
        except BaseException:
            self.terminal.__exit__()
            raise
        self._channel.settimeout(PATIENCE_SECONDS)
        self._received = self._channel.makefile("rb")
        self._last_id = 0

    def __enter__(self) -> Self:
        """Return the running editor."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the editor; its server ends with it."""
        try:
            servers = self.children()
        finally:
            self.terminal.__exit__()
            for open_one in (self._received, self._channel, self._listener):
                open_one.close()
        for server in servers:
            wait_for(partial(has_ended, server), f"the end of process {server}")

    def value(self, expression: str) -> Any:
        """Return the value of an expression of Vim's."""
        self._last_id += 1
        # the value of each is in a list of its own: Vim's decoder knows no bare end of a message
        message = json.dumps(["expr", f"[{expression}]", -self._last_id])
        self._channel.sendall(message.encode() + b"\n")
        while True:
            identifier, result = json.loads(self._received.readline())
            if identifier == -self._last_id:
                assert isinstance(result, list), f"Vim cannot evaluate {expression}"
                return result[0]

    def run(self, command: str) -> None:
        """Run a command as if it were typed after a colon."""
        self.value(f"execute({_quoted(command)})")

    def type(self, text: str) -> None:
        """Type a text."""
        self.terminal.type(text)

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names."""
        self.terminal.press(*keys)

    def ghost(self) -> str:
        """Return the ghost text as the plugin has it."""
        return str(self.value("foretype#ghost#Text()"))

    def line(self, number: int | str = ".") -> str:
        """Return a line of the buffer."""
        return str(self.value(f"getline({json.dumps(number)})"))

    def text(self) -> str:
        """Return the whole buffer; a null byte, which Vim gives as a newline, is a blank."""
        return "".join(line.replace("\n", " ") + "\n" for line in self.value("getline(1, '$')"))

    def status(self) -> dict[str, Any]:
        """Return what the server says of itself, or nothing if there is none."""
        status: dict[str, Any] = self.value("foretype#client#Ask('foretype/status', 20000)")
        return status

    def children(self) -> list[int]:
        """Return the processes that the plugin has started."""
        running = self.value(
            "map(filter(job_info(), {_, job -> job_status(job) == 'run'}), {_, job -> job_info(job).process})"
        )
        return [int(one) for one in running]

    def wait_until_ready(self) -> None:
        """Wait until the model is loaded and the project is read."""

        def is_ready() -> bool:
            status = self.status()
            return bool(status and status["model"]["loaded"] and status["documents"] and status["memory"]["bytes"])

        wait_for(is_ready, "a server that is ready")
        wait_for(lambda: self.value("foretype#client#Progress()") == "", "the end of reading the project")

    def wait_for_ghost(self, text: str) -> None:
        """Wait until this is the ghost text."""
        wait_for(lambda: self.ghost() == text, f"the ghost text {text!r}, not {self.ghost()!r},")

    def wait_for_line(self, text: str) -> None:
        """Wait until this is the line with the caret."""
        wait_for(lambda: self.line() == text, f"the line {text!r}, not {self.line()!r},")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def show(vim: Vim) -> None:
    """Type until there is ghost text."""
    vim.type("GA" + TYPED)
    vim.wait_for_ghost(EXPECTED)


def is_gone(vim: Vim) -> bool:
    return vim.ghost() == ""
