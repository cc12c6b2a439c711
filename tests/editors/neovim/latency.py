"""Time from the last key to the ghost text, as a script: `python -m tests.editors.neovim.latency`.

A line of a file whose next line is certain is typed key by key; after each key the script waits inside Neovim, which
notes when the ghost text for that key is drawn. Prints one JSON object for each display.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from pathlib import Path

from tests.editors.installation import installed
from tests.editors.neovim.editor import BUILTIN, OWN, Editor, environment_below
from tests.editors.weather import EXPECTED, TYPED, write_project

SAMPLES = 50
BUILTIN_WAIT_MS = 200
"""What Neovim 0.12 lets pass after the last key before it asks."""
PATIENCE_SECONDS = 60.0

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


def wait_for(editor: Editor, text: str) -> bool:
    """Wait until exactly this is suggested; tell whether it was."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if editor.ghost() == text:
            return True
        time.sleep(0.005)
    return False


def sample(editor: Editor) -> float:
    """Return the milliseconds between the last key of a prefix and its ghost text, both as Neovim saw them."""
    editor.keys("<C-u>" + TYPED[:-1])
    editor.wait(lambda: editor.line().endswith(TYPED[:-1]), "the keys have arrived")
    editor.lua("require('foretype').dismiss()")  # what is typed along would be there without being asked for
    editor.keys(TYPED[-1])
    assert wait_for(editor, EXPECTED), f"nothing is suggested; {editor.line()!r}"
    return float(editor.lua("return (drawn - pressed) / 1e6"))


def measure(version: str, name: str, display: str, own_wait_ms: int) -> dict[str, object]:
    """Return the figures of one display in one version."""
    with tempfile.TemporaryDirectory() as folder:
        station = write_project(Path(folder) / "weather")
        program = installed("neovim", version) / "bin" / "nvim"
        environment = environment_below(Path(folder))
        with Editor(program, environment, setup=f"{{ display = '{name}' }}", display=display) as editor:
            editor.open(station)
            editor.keys("A")
            editor.type_for_ghost(TYPED, EXPECTED)
            editor.lua(WATCH, display)
            times = [sample(editor) for _ in range(SAMPLES)]
    return {
        "editor": f"Neovim {version}",
        "display": name,
        "median_ms": round(statistics.median(times), 2),
        "p90_ms": round(statistics.quantiles(times, n=10)[-1], 2),
        "own_wait_ms": own_wait_ms,
        "n": len(times),
    }


if __name__ == "__main__":
    for case in CASES:
        print(json.dumps(measure(*case)), flush=True)  # noqa: T201  # what this script is for
