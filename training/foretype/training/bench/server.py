"""A real server over stdio: its start, its weight, and the time from a key to its answer.

Knows nothing of what the server does.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil

from foretype.model.errors import UserError
from foretype.model.registry import DATA_DIR_VARIABLE
from foretype.training.bench.clock import percentiles
from foretype.training.bench.typist import Typist
from foretype.training.lsp_client import SERVER, LspClient

_KEYS = 300
_TURNS, _KEYS_OF_A_TURN, _FIRST_KEYS = 16, 10, 2
"""Two documents are typed in by turns, so that what the machine does meanwhile falls on both; the first keys of a turn
do not count."""
_SHORTEST_LINES, _SHORT_LINES, _LONG_LINES = 4, 100, 100_000
_PATIENCE_SECONDS = 60.0


def measure(model: Path, data_dir: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Return the figures of a server that is started with a model, and those of keys typed into it."""
    began = time.perf_counter()
    with LspClient((*SERVER, "--model", str(model)), {DATA_DIR_VARIABLE: str(data_dir)}, os.dup(2)) as client:
        client.initialize()
        initialize_ms = (time.perf_counter() - began) * 1e3
        # a line that stands there again and again is suggested whatever the network has learnt
        typist = Typist(client, _SHORTEST_LINES)
        while not typist.ask(by_hand=True):
            if time.perf_counter() - began > _PATIENCE_SECONDS:
                raise UserError(f"the server made no suggestion within {_PATIENCE_SECONDS:.0f} s; see its log")
            time.sleep(0.005)
        first_ms = (time.perf_counter() - began) * 1e3
        keys = percentiles("", typist.at_once(_KEYS, by_hand=True))
        short, long = _by_turns(Typist(client, _SHORT_LINES), Typist(client, _LONG_LINES))
        rss = psutil.Process(client.process.pid).memory_info().rss
    server = {"initialize_ms": initialize_ms, "first_suggestion_ms": first_ms, "rss_mb": rss / 1e6}
    keys |= percentiles("speculated_", short) | {"long_document_lines": _LONG_LINES}
    return server, keys | percentiles("speculated_long_", long)


def _by_turns(*typists: Typist) -> tuple[list[float], ...]:
    """Return the milliseconds of each typist's keys, typed with an editor's pauses."""
    times: tuple[list[float], ...] = tuple([] for _ in typists)
    for _ in range(_TURNS):
        for typist, own in zip(typists, times, strict=True):
            own += typist.with_pauses(_KEYS_OF_A_TURN)[_FIRST_KEYS:]
    return times
