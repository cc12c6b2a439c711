"""A terminal of a fixed size, in which tests type and of which they read the screen: tmux on a socket of its own."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar

import psutil

PATIENCE_SECONDS = 60.0
"""How long a test waits for what must come: other work may keep the machine busy."""
_PAUSE_SECONDS = 0.02

_FAREWELL_SECONDS = 10.0

Found = TypeVar("Found")


def wait_for(condition: Callable[[], Found], what: str, seconds: float = PATIENCE_SECONDS) -> Found:
    """Return the first true value of a condition; `what` names it when it does not come."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"{what} did not come within {seconds:.0f} s"
        time.sleep(_PAUSE_SECONDS)
    return found


def has_ended(process: int) -> bool:
    """Tell whether a process is there no more."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


class Terminal:
    """Run one program in a terminal; a context manager that ends it."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        columns: int = 110,
        lines: int = 24,
        folder: Path | None = None,
    ) -> None:
        """Start the program, in a folder if one is given."""
        self._folder = tempfile.TemporaryDirectory()  # a socket's path must be short
        self._environment = {**environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        self._environment.pop("TMUX", None)
        where = [] if folder is None else ["-c", str(folder)]
        size = ["-x", str(columns), "-y", str(lines)]
        started = self._tmux("new-session", "-d", "-P", "-F", "#{pane_pid}", *size, *where, "--", *command)
        self._process = int(started)
        self._tmux("set-option", "-g", "status", "off")
        self._tmux("set-option", "-ga", "terminal-overrides", ",*:Tc")

    def __enter__(self) -> Self:
        """Return the terminal."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the program; one that does not heed the end of its terminal is killed."""
        subprocess.run(self._command("kill-server"), env=self._environment, capture_output=True, check=False)
        self._folder.cleanup()
        try:
            wait_for(lambda: has_ended(self._process), "the end of the program", seconds=_FAREWELL_SECONDS)
        except AssertionError:
            psutil.Process(self._process).kill()

    def type(self, text: str) -> None:
        """Type a text; a newline is the key Enter."""
        self._tmux("send-keys", "-H", *(f"{byte:x}" for byte in text.replace("\n", "\r").encode()))

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names for them, such as "Tab" or "C-Right"."""
        self._tmux("send-keys", *keys)

    def screen(self, *, colours: bool = False) -> str:
        """Return what the screen shows, with the codes of its colours or without."""
        return self._tmux("capture-pane", "-p", *(["-e"] if colours else []))

    def wait_for_text(self, text: str) -> None:
        """Wait until the screen shows a text."""
        try:
            wait_for(lambda: text in self.screen(), f"{text!r} on the screen")
        except AssertionError as error:
            raise AssertionError(f"{error}; there is:\n{self.screen()}") from None

    @property
    def view(self) -> list[str]:
        """Return a command that shows this terminal in another."""
        return self._command("attach-session")

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            self._command(*arguments), env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"tmux {arguments[0]}: {done.stderr.strip()}"
        return done.stdout

    def _command(self, *arguments: str) -> list[str]:
        return ["tmux", "-S", str(Path(self._folder.name) / "tmux"), "-f", "/dev/null", *arguments]
