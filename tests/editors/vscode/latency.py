"""How long after the last key the ghost text is on the screen: `python -m tests.editors.vscode.latency`.

Both are seen by the page itself: the key when it arrives, the ghost text when the editor puts it into the document.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from tests.editors.installation import installed
from tests.editors.latency import TIMES, report
from tests.editors.vscode.code_server import build_extension, code_server, node_folder
from tests.editors.vscode.workbench import GHOST, Workbench, workbench
from tests.editors.weather import TYPED, write_project

from foretype.server.settings import Settings

_OWN_WAIT_MS = 50
"""VS Code waits this long after a key before it asks."""
_SAMPLE_MS = 5_000
_MOST_TRIES = 10
"""A sample is thrown away if the ghost text came before the last key, or not at all."""

_WATCH = """selector => {
    window.lastKey = window.shown = 0;
    addEventListener('keydown', () => { window.lastKey = performance.now(); }, true);
    const look = () => {
        if (!window.shown && document.querySelector(selector)) window.shown = performance.now();
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
}"""


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=TIMES, help="how many keys to measure")
    parser.add_argument("--vsix", type=Path, help="an extension that is built already")
    options = parser.parse_args()
    folder = installed("vscode")
    vsix = options.vsix or build_extension(node_folder(folder))
    with tempfile.TemporaryDirectory() as temporary:
        samples = _measure(folder, vsix, Path(temporary), options.count)
    report("VS Code", _OWN_WAIT_MS, samples)


def _measure(installed_in: Path, vsix: Path, folder: Path, count: int) -> list[float]:
    file = write_project(folder / "weather")
    with code_server(installed_in, vsix, folder / "vscode") as server, workbench(server) as window:
        server.set_settings(foretype__deadlineMs=Settings().deadline_ms)
        window.open_folder(file.parent, file)
        window.focus_end()
        window.page.evaluate(_WATCH, GHOST)
        samples: list[float] = []
        for number in range(count * _MOST_TRIES):
            sample = _sample(window, number)
            if sample > 0:
                samples.append(sample)
            if len(samples) == count:
                return samples
    raise RuntimeError(f"only {len(samples)} of {count} suggestions came after the last key")


def _sample(window: Workbench, number: int) -> float:
    """Type a word below a line that makes the text a new one; return the time, negative if there is none."""
    page = window.page
    page.keyboard.insert_text(
        f'register_measurement(registry, "wind_{number}", unit="beaufort", interval_seconds=60)\n    '
    )
    page.wait_for_timeout(2 * _OWN_WAIT_MS)
    page.evaluate("() => { window.shown = 0; }")
    page.keyboard.insert_text(TYPED[:-1])
    page.keyboard.press(TYPED[-1])
    try:
        page.wait_for_function("() => window.shown > 0", timeout=_SAMPLE_MS)
        elapsed: float = page.evaluate("() => window.shown - window.lastKey")
    except PlaywrightTimeoutError:
        elapsed = -1.0
    window.press("Escape", "Control+Backspace")
    return elapsed


if __name__ == "__main__":
    main()
