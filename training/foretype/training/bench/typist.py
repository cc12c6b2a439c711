"""Somebody who types into one document of a server and times it, key after key on its last line.

Knows nothing of what the server does.
"""

from __future__ import annotations

import time
from typing import Any

from foretype.training.lsp_client import LspClient

EDITOR_PAUSE_SECONDS = 0.05
"""How long VS Code waits after a key before it asks; others wait longer."""
_LINE = "value = compute(value)\n"
"""What the document is full of, so that what is typed below can be foreseen."""
_TYPED = "    for name, value in sorted(values.items()):;        print(name, value);"


class Typist:
    """Own one document of a client that has been initialised."""

    def __init__(self, client: LspClient, lines: int) -> None:
        """Open a document of so many lines, all alike; it is another one for every number of lines."""
        self._client = client
        self._uri = f"file:///bench-{lines}.py"
        self._line = lines
        self._keys = 0
        document = {"uri": self._uri, "languageId": "python", "version": 1, "text": _LINE * lines}
        client.notify("textDocument/didOpen", {"textDocument": document})

    def close(self) -> None:
        """Close the document."""
        self._client.notify("textDocument/didClose", {"textDocument": {"uri": self._uri}})

    def at_once(self, keys: int, *, by_hand: bool) -> list[float]:
        """Return the milliseconds from each edit to its answer; asked for by hand, no suggestion is cut short."""
        times = []
        for _ in range(keys):
            began = time.perf_counter()
            self._press()
            self.ask(by_hand=by_hand)
            times.append((time.perf_counter() - began) * 1e3)
        return times

    def with_pauses(self, keys: int) -> list[float]:
        """Return the milliseconds that edit and request take when the editor waits between them, as all do."""
        times = []
        for _ in range(keys):
            began = time.perf_counter()
            self._press()
            pressed = time.perf_counter()
            time.sleep(EDITOR_PAUSE_SECONDS)
            asked = time.perf_counter()
            self.ask(by_hand=False)
            times.append((pressed - began + time.perf_counter() - asked) * 1e3)
        return times

    def ask(self, *, by_hand: bool) -> list[Any]:
        """Return the suggestions at the caret."""
        answer = self._client.request(
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": self._uri},
                "position": {"line": self._line, "character": self._keys},
                "context": {"triggerKind": 1 if by_hand else 2},
            },
        )
        items: list[Any] = answer["result"]["items"]
        return items

    def _press(self) -> None:
        place = {"line": self._line, "character": self._keys}
        change = {"range": {"start": place, "end": place}, "text": _TYPED[self._keys % len(_TYPED)]}
        self._keys += 1
        document = {"uri": self._uri, "version": self._keys + 1}
        self._client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
