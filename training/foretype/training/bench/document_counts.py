"""What a server weighs with more and more documents open, each typed in once. Knows nothing of what the server does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import psutil

from foretype.model.registry import DATA_DIR_VARIABLE
from foretype.training.bench.curve import Curve, up_to
from foretype.training.lsp_client import SERVER, LspClient

_COUNTS = (1, 10, 100, 300, 1_000)
_LINES = 200


def measure(texts: Sequence[tuple[str, bytes]], data_dir: Path, share: float) -> Curve:
    """Return the megabytes that are resident."""
    rows, opened = [], 0
    with LspClient(SERVER, {DATA_DIR_VARIABLE: str(data_dir)}) as client:
        client.initialize()
        for count in up_to(share, _COUNTS):
            for number in range(opened, count):
                _type_in(client, number, texts[number % len(texts)][1].decode(errors="replace"))
            opened = count
            rows.append(
                {"documents": float(count), "rss_mb": psutil.Process(client.process.pid).memory_info().rss / 1e6}
            )
    return Curve("documents", "Resident memory, by open documents", "documents", (("MB", ("rss_mb",)),), tuple(rows))


def _type_in(client: LspClient, number: int, text: str) -> None:
    lines = text.split("\n")[:_LINES]
    uri = f"file:///bench-{number}.py"
    document = {"uri": uri, "languageId": "python", "version": 1, "text": "\n".join(lines) + "\n"}
    place = {"line": len(lines), "character": 0}
    change = {"range": {"start": place, "end": place}, "text": " "}
    client.notify("textDocument/didOpen", {"textDocument": document})
    client.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [change]})
    after = {"line": len(lines), "character": 1}
    client.request(
        "textDocument/inlineCompletion",
        {"textDocument": {"uri": uri}, "position": after, "context": {"triggerKind": 2}},
    )
