"""How long ghost text takes from the last key, as one JSON object."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable

from tests.editors.weather import OPENED

TIMES = 50


def numbered(time: int) -> str:
    """Return a first line of the file that no time before had: nothing is answered from what is remembered."""
    return OPENED.splitlines()[0].replace("hill", f"hill number {time}")


def report(editor: str, own_wait_ms: float, taken: Iterable[float], **more: str) -> None:
    """Print the figures of an editor, taken in milliseconds; `own_wait_ms` is what the editor itself waits."""
    ordered = sorted(taken)
    figures = {
        "editor": editor,
        **more,
        "median_ms": round(statistics.median(ordered), 2),
        "p90_ms": round(ordered[int(0.9 * len(ordered))], 2),
        "own_wait_ms": own_wait_ms,
        "n": len(ordered),
    }
    print(json.dumps(figures), flush=True)  # noqa: T201  # what the program is for
