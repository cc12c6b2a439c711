"""Take the picture for the docs: Neovim in a terminal, ghost text at the caret.

`python -m tests.editors.neovim.screenshot docs/images/neovim.png`; needs xvfb, xterm, imagemagick and the font
fonts-jetbrains-mono from Debian. Look at the picture before you commit it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pynvim
from tests.editors.installation import installed
from tests.editors.neovim.editor import PLUGIN, environment_below

SCREEN = "1500x860x24"
PATIENCE_SECONDS = 60.0
XTERM, IMPORT, CONVERT = "/usr/bin/xterm", "/usr/bin/import", "/usr/bin/convert"
BACKGROUND = "#14161b"

SENSORS = '''\
"""Sensors of the weather stations, one reading after another."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """Hold what one sensor said at one time."""

    sensor: str
    celsius: float
    humidity_percent: float


def warmest(readings: list[Reading]) -> Reading:
    """Return the reading with the highest temperature."""
    return max(readings, key=lambda reading: reading.celsius)


def driest(readings: list[Reading]) -> Reading:
    """Return the reading with the lowest humidity."""
    return '''

TYPED = "min(readings, k"

INIT = """\
vim.opt.runtimepath:prepend({plugin!r})
vim.o.termguicolors, vim.o.number, vim.o.swapfile, vim.o.showmode = true, true, false, false
vim.o.cursorline, vim.o.laststatus, vim.o.ruler = true, 2, false
vim.o.statusline = " %f%=%{{%v:lua.require'foretype'.statusline()%}}   %l:%c "
"""


@contextmanager
def display(folder: Path) -> Iterator[str]:
    """Run an X server without a screen and yield its name."""
    with (folder / "xvfb").open("w+") as told:
        command = ["Xvfb", "-displayfd", str(told.fileno()), "-screen", "0", SCREEN, "-nolisten", "tcp"]
        server = subprocess.Popen(command, pass_fds=[told.fileno()], stderr=subprocess.DEVNULL)
        try:
            wait(lambda: (folder / "xvfb").read_text().strip(), "the X server starts")
            yield ":" + (folder / "xvfb").read_text().strip()
        finally:
            server.terminate()
            server.wait()


@contextmanager
def terminal(environment: dict[str, str], command: list[str]) -> Iterator[None]:
    """Run a command in a terminal of 100 columns."""
    look = ["-fa", "JetBrains Mono", "-fs", "13", "-bg", BACKGROUND, "-fg", "#e0e2ea", "-b", "12", "-bw", "0", "+sb"]
    options = ["-geometry", "100x26+0+0", "-tn", "xterm-direct", *look]
    process = subprocess.Popen([XTERM, *options, "-e", *command], env=environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def wait(condition: Callable[[], object], what: str) -> None:
    """Wait for something that must come."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"waited in vain until {what}")
        time.sleep(0.05)


def type_until_suggested(socket: Path) -> None:
    """Type in the Neovim behind a socket until a suggestion can be seen."""
    wait(socket.exists, "Neovim starts")
    nvim = pynvim.attach("socket", path=str(socket))
    wait(lambda: nvim.exec_lua("return vim.v.vim_did_enter") == 1, "Neovim is ready")
    wait(lambda: nvim.exec_lua("return require('foretype.server').client(0) ~= nil"), "the server is attached")
    nvim.input("G$a" + TYPED)
    for _ in range(20):
        time.sleep(2)  # the picture needs a steady screen, whatever the server does meanwhile
        if nvim.exec_lua("return require('foretype').is_visible()"):
            return
        nvim.input(f"<BS>{TYPED[-1]}")
    raise SystemExit("nothing was suggested")


def main(picture: Path) -> None:
    """Write the picture."""
    for program in ("Xvfb", XTERM, IMPORT):
        if shutil.which(program) is None:
            raise SystemExit(f"{program} is missing: apt-get install xvfb xterm imagemagick fonts-jetbrains-mono")
    with tempfile.TemporaryDirectory() as name, display(Path(name)) as screen:
        folder = Path(name)
        project = folder / "weather"
        (project / ".git").mkdir(parents=True)
        (project / "sensors.py").write_text(SENSORS)
        (folder / "init.lua").write_text(INIT.format(plugin=str(PLUGIN)))
        environment = {
            **environment_below(folder),
            "DISPLAY": screen,
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
        }
        nvim = str(installed("neovim", "0.12") / "bin" / "nvim")
        options = ["--clean", "-u", str(folder / "init.lua"), "-i", "NONE", "--listen", str(folder / "socket")]
        command = ["sh", "-c", 'cd "$0" && exec "$@"', str(project), nvim, *options, "sensors.py"]
        with terminal(environment, command):
            type_until_suggested(folder / "socket")
            whole = folder / "whole.png"
            subprocess.run([IMPORT, "-window", "root", str(whole)], env=environment, check=True)
            trim = ["-bordercolor", BACKGROUND, "-trim", "-border", "14", "+repage", "-strip"]
            subprocess.run([CONVERT, str(whole), *trim, str(picture)], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
