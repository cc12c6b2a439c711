"""Pictures of terminal editors for the documentation: `python -m tests.editors.screenshots vim emacs neovim`.

Needs the Debian packages xvfb, xterm, imagemagick and fonts-dejavu-core. Look at what comes of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.editors.emacs.driver import Emacs
from tests.editors.environment import isolated_environment
from tests.editors.installation import installed
from tests.editors.neovim.editor import Editor
from tests.editors.terminal import Terminal
from tests.editors.vim.driver import Vim
from tests.editors.weather import EXPECTED, TYPED, write_project

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SIZE = (96, 18)
TITLE = "foretype"
BACKGROUND = "#1c1c1c"
_SETTLING_SECONDS = 2.0


@contextmanager
def display() -> Iterator[str]:
    """Start a screen that nobody sees and return its name."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24"], pass_fds=[write], stderr=subprocess.DEVNULL
    )
    os.close(write)
    try:
        yield ":" + os.read(read, 16).decode().strip()
    finally:
        os.close(read)
        server.terminate()
        server.wait()


def photograph(terminal: Terminal, file: Path) -> None:
    """Write a picture of a terminal."""
    with display() as name:
        shown = {**os.environ, "DISPLAY": name, "LC_ALL": "C.UTF-8"}
        look = ["-fa", "DejaVu Sans Mono", "-fs", "13", "-bg", BACKGROUND, "-fg", "#d0d0d0", "-b", "12", "+sb"]
        geometry = ["-geometry", f"{SIZE[0]}x{SIZE[1]}+0+0", "-T", TITLE]
        window = subprocess.Popen(["xterm", *look, *geometry, "-e", *terminal.view], env=shown)
        time.sleep(_SETTLING_SECONDS)
        subprocess.run(["import", "-window", TITLE, str(file)], env=shown, check=True)
        window.terminate()
        window.wait()


def vim(folder: Path, file: Path) -> None:
    """Write a picture of Vim with ghost text."""
    looks = [
        "set background=dark termguicolors number signcolumn=no laststatus=2 noshowmode noruler shortmess+=F",
        r"set statusline=\ %f\ %m%=%{foretype#Statusline()}\ \ %l:%c\ ",
        "autocmd VimEnter * ++nested colorscheme habamax | highlight EndOfBuffer guifg=#1c1c1c",
    ]
    station = write_project(folder / "weather")
    station.write_text(STORY, encoding="utf-8")
    program = installed("vim") / "bin" / "vim"
    with Vim(program, [station], isolated_environment(folder), commands=looks, size=SIZE) as editor:
        editor.run(f"cd {station.parent} | edit")
        editor.wait_until_ready()
        editor.type("GA" + TYPED)
        editor.wait_for_ghost(EXPECTED)
        editor.press("Tab")
        editor.type("hum")
        editor.wait_for_ghost(REST)
        photograph(editor.terminal, file)


def emacs(folder: Path, file: Path) -> None:
    """Write a picture of Emacs with ghost text."""
    init = Path(__file__).parent / "emacs" / "lsp_mode.el"
    looks = """(progn (load-theme 'modus-vivendi t) (menu-bar-mode -1) (global-display-line-numbers-mode 1)
        (setq lsp-diagnostics-provider :none eglot-stay-out-of (quote (flymake)))
        (add-hook 'prog-mode-hook (lambda () (flymake-mode -1)))
        (set-face-background 'default "#1c1c1c") (set-face-background 'line-number "#1c1c1c"))"""
    station = write_project(folder / "weather")
    station.write_text(STORY, encoding="utf-8")
    with Emacs(
        installed("emacs") / "bin",
        [station],
        {**isolated_environment(folder), "COLORTERM": "truecolor"},
        init,
        looks,
        SIZE,
    ) as editor:
        editor.wait_until_ready()
        editor.press("M->")
        editor.type(TYPED)
        editor.wait_for_ghost(EXPECTED)
        editor.press("Tab")
        editor.type("hum")
        editor.wait_for_ghost(REST)
        editor.run('(message "")')
        photograph(editor.terminal, file)


def neovim(folder: Path, file: Path) -> None:
    """Write a picture of Neovim with ghost text."""
    looks = [
        "set cmdheight=1 termguicolors number cursorline laststatus=2 noruler noshowmode",
        r"set statusline=\ %t%=%{%v:lua.require'foretype'.statusline()%}\ \ %l:%c\ ",
    ]
    station = write_project(folder / "weather")
    station.write_text(STORY, encoding="utf-8")
    program, environment = installed("neovim", "0.12") / "bin" / "nvim", isolated_environment(folder)
    with Editor(program, environment) as editor:
        for command in [*looks, f"cd {station.parent}"]:
            editor.command(command)
        screen = [str(program), "--server", str(editor.socket), "--remote-ui"]
        with Terminal(screen, {**environment, "COLORTERM": "truecolor"}, *SIZE) as terminal:
            editor.open(station)
            editor.keys("A")
            editor.type_for_ghost(TYPED, EXPECTED)
            editor.keys("<Tab>")
            editor.type_for_ghost("hum", REST)
            photograph(terminal, file)


STORY = '''\
"""The weather station on the hill."""

from weather.registry import register_measurement

ALTITUDE = 1_204  # metres above the sea


class HillStation:
    """Measure what the wind brings."""

    def __init__(self, name: str) -> None:
        self.name = name


def install(registry):
    '''
REST = 'idity", unit="percent", interval_seconds=60)'

PICTURES: dict[str, Callable[[Path, Path], None]] = {"vim": vim, "emacs": emacs, "neovim": neovim}

if __name__ == "__main__":
    for wanted in sys.argv[1:] or PICTURES:
        with tempfile.TemporaryDirectory() as made:
            PICTURES[wanted](Path(made), IMAGES / f"{wanted}.png")
