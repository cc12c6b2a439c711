"""A document in a running server, as an editor for the typing simulator: what is typed goes over the protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from foretype.training.lsp_client import LspClient


class ServerEditor:
    """Edit one document of `client`, which must be initialized and agree on UTF-16."""

    def __init__(self, client: LspClient, path: Path, language_id: str) -> None:
        """Open an empty document under the file's own name."""
        self._client = client
        self._uri = path.resolve().as_uri()
        self._version = 1
        self._line, self._column = 0, 0  # where the caret is, in lines and UTF-16 units
        document = {"uri": self._uri, "languageId": language_id, "version": 1, "text": ""}
        client.notify("textDocument/didOpen", {"textDocument": document})

    def insert(self, text: str) -> None:
        """Put `text` at the caret."""
        self._version += 1
        place = {"line": self._line, "character": self._column}
        change = {"range": {"start": place, "end": place}, "text": text}
        document = {"uri": self._uri, "version": self._version}
        self._client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        *ended, last = text.split("\n")
        self._line += len(ended)
        self._column = (0 if ended else self._column) + len(last.encode("utf-16-le")) // 2

    def ask(self) -> str:
        """Return the first suggestion at the caret, or an empty string."""
        answer = self._client.request(
            "textDocument/inlineCompletion",
            {
                "textDocument": {"uri": self._uri},
                "position": {"line": self._line, "character": self._column},
                "context": {"triggerKind": 2},
            },
        )
        items: list[dict[str, Any]] = answer["result"]["items"]
        return str(items[0]["insertText"]) if items else ""

    def close(self) -> None:
        """Close the document."""
        self._client.notify("textDocument/didClose", {"textDocument": {"uri": self._uri}})
