"""A working week, and a million messages, in one server process: `python -m tests.reliability.soak 1.0`.

The number is the share of it: 1.0 is a million messages, 100 documents opened and closed, 50,000 suggestions and 50
changes of the model. After the first tenth and a half everything that is kept has been filled; from there on memory,
descriptors, threads and what the server keeps of its clients must stay level. Prints a JSON object for every look at
the process, as it is taken, and one for the whole.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from tests.conftest import TINY, random_weights, write_project

from foretype.model.export import export
from foretype.model.registry import DATA_DIR_VARIABLE, Registry
from foretype.training.lsp_client import LspClient

MESSAGES, DOCUMENTS, SUGGESTIONS, SWITCHES = 1_000_000, 100, 50_000, 50
_MODEL_SECONDS = 6.0
"""Longer than the server takes to look which model serves."""
_PARTS = 20
_WARM_PARTS = 2
_TENTH = _PARTS // 10
_SETTLE_SECONDS = 10.0
"""How long the worker may take to free the states of a document that was closed."""
_LINE = "    total += len(name)  # one of many lines\n"


@dataclass
class Look:
    """Hold what a process has at one moment."""

    messages: int
    rss_mb: float
    descriptors: int
    threads: int
    p50_ms: float
    p99_ms: float
    cpu_seconds: float
    """Of the server since its start: unlike latencies, hardly a matter of what else the machine does."""
    documents: int
    states_bytes: int
    """What the server keeps of documents, by its own account; none of them is open."""


@dataclass
class Desk:
    """Somebody who types, and what they wait for."""

    client: LspClient
    project: Path
    draws: random.Random
    messages: int = 0
    suggestions: int = 0
    opened: int = 0
    milliseconds: list[float] = field(default_factory=list)
    """Of every suggestion."""
    looked: int = 0
    """How many suggestions there were at the last look."""
    uri: str = ""
    version: int = 0
    lines: int = 0

    def open(self) -> None:
        """Open the next document."""
        self.opened += 1
        self.uri = (self.project / f"names_{self.opened % 8}.py").as_uri()
        self.version, self.lines = 1, 40
        text = "def count(names):\n" + _LINE * (self.lines - 1)
        document = {"uri": self.uri, "languageId": "python", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})

    def close(self) -> None:
        """Close the document, if there is one."""
        if self.uri:
            self._tell("textDocument/didClose", {"textDocument": {"uri": self.uri}})
            self.uri = ""

    def type(self) -> None:
        """Change a line a little, as often as not for good, and never let the document grow."""
        line = self.draws.randrange(self.lines)
        start = {"line": line, "character": 4}
        end = {"line": line, "character": 9}
        self._change({"range": {"start": start, "end": end}, "text": self.draws.choice(["total", "count", "names"])})

    def ask(self) -> None:
        """Type the beginning of a line, ask what comes, and take it away again."""
        end = {"line": self.lines, "character": 0}
        text = self.draws.choice(["    tot", "    total += l", "for name in", "def co"])
        self._change({"range": {"start": end, "end": end}, "text": text})
        caret = {"line": self.lines, "character": len(text)}
        params = {"textDocument": {"uri": self.uri}, "position": caret, "context": {"triggerKind": 2}}
        began = time.perf_counter()
        items = self.client.request("textDocument/inlineCompletion", params)["result"]["items"]
        self.milliseconds.append((time.perf_counter() - began) * 1e3)
        assert isinstance(items, list)
        self.messages += 1
        self.suggestions += 1
        self._change({"range": {"start": end, "end": caret}, "text": ""})

    def look(self) -> Look:
        """Measure the server; the latencies are those since the last look."""
        status = self._settled()
        process = psutil.Process(self.client.process.pid)
        descriptors = process.num_handles() if os.name == "nt" else process.num_fds()
        p50, p99 = _percentiles(self.milliseconds[self.looked :])
        self.looked = len(self.milliseconds)
        self.client.notifications.clear()
        return Look(
            messages=self.messages,
            rss_mb=process.memory_info().rss / 1e6,
            descriptors=descriptors,
            threads=process.num_threads(),
            p50_ms=p50,
            p99_ms=p99,
            cpu_seconds=sum(process.cpu_times()[:2]),
            documents=len(status["documents"]),
            states_bytes=status["states_bytes"],
        )

    def _settled(self) -> dict[str, Any]:
        """Return what the server says of itself once it has done what it was told."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while True:
            status: dict[str, Any] = self.client.request("foretype/status")["result"]
            if status["states_bytes"] == 0 or time.monotonic() > deadline:
                return status
            time.sleep(0.01)

    def _change(self, change: dict[str, Any]) -> None:
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        self._tell("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    def _tell(self, method: str, params: object) -> None:
        self.client.notify(method, params)
        self.messages += 1


def soak(share: float, seed: int = 0, seen: Callable[[Look], object] = lambda _: None) -> dict[str, Any]:
    """Run a share of it all and return what was done and every look at the process; `seen` is told of each at once."""
    with tempfile.TemporaryDirectory(prefix="foretype-soak-", ignore_cleanup_errors=True) as scratch:
        os.environ[DATA_DIR_VARIABLE] = str(Path(scratch) / "data")
        registry = Registry.default()
        for name, number in (("one", 0), ("two", 1)):
            weights = random_weights(TINY, number)
            registry.promote(name, registry.add(name, TINY, weights, export(TINY, weights), {}))
        registry.use("one")
        project = write_project(Path(scratch) / "project", 8)
        began = time.perf_counter()
        with LspClient() as client:
            client.initialize(root=project)
            desk = Desk(client, project, random.Random(seed))
            looks, switches = _week(desk, registry, share, seen)
            assert client.close() == 0
        return {
            "messages": desk.messages,
            "suggestions": desk.suggestions,
            "documents": desk.opened,
            "switches": switches,
            "seconds": round(time.perf_counter() - began),
            "growth_percent": round(100 * (looks[-1].rss_mb / looks[_WARM_PARTS].rss_mb - 1), 2),
            "first_tenth": _tenth(desk.milliseconds, looks[_TENTH - 1].cpu_seconds, first=True),
            "last_tenth": _tenth(
                desk.milliseconds, looks[-1].cpu_seconds - looks[-1 - _TENTH].cpu_seconds, first=False
            ),
            "looks": [vars(look) for look in looks],
        }


def _week(desk: Desk, registry: Registry, share: float, seen: Callable[[Look], object]) -> tuple[list[Look], int]:
    looks, switches, switched = [], 0, time.monotonic()
    messages, suggestions = MESSAGES * share / _PARTS, SUGGESTIONS * share / _PARTS
    documents, wanted = max(1, round(DOCUMENTS * share / _PARTS)), SWITCHES * share
    for part in range(1, _PARTS + 1):
        for document in range(documents):
            desk.open()
            done = part - 1 + (document + 1) / documents
            while desk.suggestions < suggestions * done:
                desk.ask()
                for _ in range(int((messages * done - desk.messages) / max(1, suggestions * done - desk.suggestions))):
                    desk.type()
                if switches < wanted and time.monotonic() - switched > _MODEL_SECONDS:
                    switches, switched = switches + 1, time.monotonic()
                    registry.use("two" if switches % 2 else "one")
            desk.close()
        looks.append(desk.look())
        seen(looks[-1])
    return looks, switches


def _tenth(milliseconds: list[float], cpu_seconds: float, *, first: bool) -> dict[str, float]:
    """Return what a tenth of all suggestions took: the first, or the last."""
    count = len(milliseconds) // 10
    p50, p99 = _percentiles(milliseconds[:count] if first else milliseconds[-count:])
    return {"p50_ms": p50, "p99_ms": p99, "cpu_seconds": round(cpu_seconds, 1)}


def _percentiles(milliseconds: list[float]) -> tuple[float, float]:
    p50, p99 = np.percentile(milliseconds or [0.0], [50, 99])
    return round(float(p50), 2), round(float(p99), 2)


if __name__ == "__main__":
    found = soak(float(sys.argv[1]), seen=lambda look: print(json.dumps(vars(look)), flush=True))  # noqa: T201
    json.dump({name: value for name, value in found.items() if name != "looks"}, sys.stdout, indent=1)
