"""How long ghost text takes from the last key, as one JSON object."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable

from tests.editors.weather import OPENED

TIMES = 50


def numbered(time: int) -> str:
    """Return a first line of the file that no time before had: nothing is answered from what is remembered."""
    return OPENED.splitlines()[0].replace("hill", f"hill number {time}")


def report(editor: str, own_wait_ms: float, measure: Callable[[int], float]) -> None:
    """Print the figures of an editor; `measure` returns milliseconds, `own_wait_ms` is what the editor itself waits."""
    taken = sorted(measure(time) for time in range(TIMES))
    figures = {
        "editor": editor,
        "median_ms": round(statistics.median(taken), 2),
        "p90_ms": round(taken[int(0.9 * len(taken))], 2),
        "own_wait_ms": own_wait_ms,
        "n": len(taken),
    }
    print(json.dumps(figures))  # noqa: T201  # what the program is for
