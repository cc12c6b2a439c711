"""Time from the last key to the ghost text, as a script: `python -m tests.editors.neovim.latency`.

A line of a file whose next line is certain is typed key by key; after each key the script waits inside Neovim, which
notes when the ghost text for that key is drawn. Prints one JSON object for each display.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.editors.environment import isolated_environment
from tests.editors.installation import installed
from tests.editors.latency import TIMES, report
from tests.editors.neovim.editor import BUILTIN, OWN, Editor
from tests.editors.weather import EXPECTED, TYPED, write_project

BUILTIN_WAIT_MS = 200
"""What Neovim 0.12 lets pass after the last key before it asks."""

WATCH = """
local name = ...
local set = vim.api.nvim_buf_set_extmark
pressed, drawn = nil, nil
vim.api.nvim_buf_set_extmark = function(buffer, namespace, ...)
  if namespace == vim.api.nvim_get_namespaces()[name] and pressed and not drawn then
    drawn = vim.uv.hrtime()
  end
  return set(buffer, namespace, ...)
end
vim.on_key(function() pressed, drawn = vim.uv.hrtime(), nil end)
"""

CASES = (
    ("0.12", "own", OWN, 0),
    ("0.12", "builtin", BUILTIN, BUILTIN_WAIT_MS),
    ("0.11", "own", OWN, 0),
    ("0.10", "own", OWN, 0),
)


def sample(editor: Editor) -> float:
    """Return the milliseconds between the last key of a prefix and its ghost text, both as Neovim saw them."""
    editor.keys("<C-u>" + TYPED[:-1])
    editor.wait(lambda: editor.line().endswith(TYPED[:-1]), "the keys have arrived")
    editor.lua("require('foretype').dismiss()")  # what is typed along would be there without being asked for
    editor.keys(TYPED[-1])
    editor.wait(lambda: editor.ghost() == EXPECTED, "it is suggested")
    return float(editor.lua("return (drawn - pressed) / 1e6"))


def measure(version: str, name: str, display: str, own_wait_ms: int) -> None:
    """Print the figures of one display in one version."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        station = write_project(folder / "weather")
        program = installed("neovim", version) / "bin" / "nvim"
        with Editor(
            program, isolated_environment(folder), setup=f"{{ display = '{name}' }}", display=display
        ) as editor:
            editor.open(station)
            editor.keys("A")
            editor.type_for_ghost(TYPED, EXPECTED)
            editor.lua(WATCH, display)
            report(f"Neovim {version}", own_wait_ms, (sample(editor) for _ in range(TIMES)), display=name)


if __name__ == "__main__":
    for case in CASES:
        measure(*case)
