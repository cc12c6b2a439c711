"""A real server over stdio: its start, its weight, and the time from a key to its answer.

Knows nothing of what the server does.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import psutil

from foretype.model.errors import UserError
from foretype.model.registry import DATA_DIR_VARIABLE
from foretype.training.bench.clock import WARM_UPS, percentiles
from foretype.training.lsp_client import SERVER, LspClient

_KEYS = 300
_PAUSED_KEYS = 150
EDITOR_PAUSE_SECONDS = 0.05
"""How long VS Code waits after a key before it asks; others wait longer."""
_SHORT_LINES, _LONG_LINES = 100, 100_000
_URI = "file:///bench.py"
_LINE = 4
"""Where is typed: below as many lines that are all the same."""
_PATIENCE_SECONDS = 60.0
_TEXT = "    for name, value in sorted(values.items()):\n        print(name, value)\n"


def measure(model: Path, data_dir: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Return the figures of a server that is started with a model, and those of keys typed into it."""
    began = time.perf_counter()
    with LspClient((*SERVER, "--model", str(model)), {DATA_DIR_VARIABLE: str(data_dir)}, os.dup(2)) as client:
        client.initialize()
        initialize_ms = (time.perf_counter() - began) * 1e3
        # a line that stands there again and again is suggested whatever the network has learnt
        open_document(client, _LINE)
        while not _ask(client, 0):
            if time.perf_counter() - began > _PATIENCE_SECONDS:
                raise UserError(f"the server made no suggestion within {_PATIENCE_SECONDS:.0f} s; see its log")
            time.sleep(0.005)
        first_ms = (time.perf_counter() - began) * 1e3
        keys = type_at_once(client, _LINE, _KEYS, by_hand=True)
        open_document(client, _SHORT_LINES)
        short = percentiles("speculated_", type_with_pauses(client, _SHORT_LINES, _PAUSED_KEYS))
        open_document(client, _LONG_LINES)
        long = percentiles("speculated_long_", type_with_pauses(client, _LONG_LINES, _PAUSED_KEYS))
        rss = psutil.Process(client.process.pid).memory_info().rss
    server = {"initialize_ms": initialize_ms, "first_suggestion_ms": first_ms, "rss_mb": rss / 1e6}
    return server, {**percentiles("", keys), **short, "long_document_lines": _LONG_LINES, **long}


def open_document(client: LspClient, lines: int) -> None:
    """Open a document of lines that are all alike, so that what is typed below them can be foreseen."""
    document = {"uri": _URI, "languageId": "python", "version": 1, "text": "value = compute(value)\n" * lines}
    client.notify("textDocument/didOpen", {"textDocument": document})


def type_at_once(client: LspClient, line: int, keys: int, *, by_hand: bool) -> list[float]:
    """Return the milliseconds from each edit to its answer; asked for by hand, no suggestion is cut short."""
    times = []
    for number in range(keys):
        began = time.perf_counter()
        _press(client, line, number)
        _ask(client, number + 1, line, by_hand=by_hand)
        times.append((time.perf_counter() - began) * 1e3)
    return times


def type_with_pauses(client: LspClient, line: int, keys: int) -> list[float]:
    """Return the milliseconds that edit and request take when the editor waits between them, as all do."""
    times = []
    for number in range(keys):
        began = time.perf_counter()
        _press(client, line, number)
        pressed = time.perf_counter()
        time.sleep(EDITOR_PAUSE_SECONDS)
        asked = time.perf_counter()
        _ask(client, number + 1, line, by_hand=False)
        times.append((pressed - began + time.perf_counter() - asked) * 1e3)
    return times[WARM_UPS:]


def _press(client: LspClient, line: int, number: int) -> None:
    place = {"line": line, "character": number}
    typed = _TEXT.replace("\n", ";")[number % len(_TEXT)]
    change = {"range": {"start": place, "end": place}, "text": typed}
    client.notify(
        "textDocument/didChange", {"textDocument": {"uri": _URI, "version": number + 2}, "contentChanges": [change]}
    )


def _ask(client: LspClient, character: int, line: int = _LINE, *, by_hand: bool = True) -> list[Any]:
    answer = client.request(
        "textDocument/inlineCompletion",
        {
            "textDocument": {"uri": _URI},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": 1 if by_hand else 2},
        },
    )
    items: list[Any] = answer["result"]["items"]
    return items
