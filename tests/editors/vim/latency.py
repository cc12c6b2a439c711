"""Time from the last key to ghost text in Vim: `python -m tests.editors.vim.latency`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.editors.environment import isolated_environment
from tests.editors.installation import installed
from tests.editors.latency import TIMES, numbered, report
from tests.editors.terminal import wait_for
from tests.editors.vim.driver import Vim
from tests.editors.weather import EXPECTED, TYPED, write_project

_CLOCK = [
    "autocmd InsertCharPre * let g:pressed = reltime()",
    "autocmd User ForetypeShown let g:took = reltimefloat(reltime(g:pressed)) * 1000",
]


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        station = write_project(folder / "weather")
        with Vim(installed("vim") / "bin" / "vim", [station], isolated_environment(folder), commands=_CLOCK) as vim:
            vim.wait_until_ready()
            version = vim.value("v:version")
            report(f"Vim {version // 100}.{version % 100}", 0, (_measure(vim, time) for time in range(TIMES)))


def _measure(vim: Vim, time: int) -> float:
    vim.press("Escape")
    wait_for(lambda: vim.value("mode()") == "n", "Normal mode")
    vim.run(f"call setline(1, '{numbered(time)}')")
    vim.type("GS" + TYPED + EXPECTED)
    vim.wait_for_line(f"    {TYPED}{EXPECTED}")
    wait_for(vim.ghost, "ghost text that is not typed along")
    vim.run("unlet! g:took")
    vim.type("h")
    wait_for(lambda: vim.value("exists('g:took')"), "ghost text")
    return float(vim.value("g:took"))


if __name__ == "__main__":
    main()
