"""Type a file into a running server, character by character, as a person with an editor would.

The typist takes a suggestion (one key) when all of it is what they were about to type, and types on otherwise.
Indentation at the start of a line is the editor's work: it is neither counted nor suggested. Source of the measure:
characters saved = 1 - key presses / characters, as in the keystroke-saving literature (Trnka & McCoy 2007).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foretype.training.lsp_client import LspClient


@dataclass(frozen=True, slots=True)
class Shown:
    """Tell of a suggestion that appeared."""

    line: int
    before: str
    """The caret's line up to the caret."""
    text: str
    accepted: bool


@dataclass(slots=True)
class Tally:
    """Count what a replay came to."""

    characters: int = 0
    """Characters that are not indentation."""
    keys: int = 0
    """Key presses that typed them."""
    shows: int = 0
    accepted: int = 0
    accepted_characters: int = 0
    latencies_ms: list[float] = field(default_factory=list)
    """Of each key press: from sending the edit to holding the answer."""

    @property
    def saved_share(self) -> float:
        """Share of the characters that needed no key press."""
        return 1 - self.keys / self.characters if self.characters else 0.0

    @property
    def precision(self) -> float:
        """Share of the suggestions shown that were taken."""
        return self.accepted / self.shows if self.shows else 0.0

    def latency_ms(self, share: float) -> float:
        """Return the latency that this share of the key presses does not exceed."""
        ranked = sorted(self.latencies_ms)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0


class Replay:
    """Type `text` into a document of `client`, which must be initialized and agree on UTF-16."""

    def __init__(self, client: LspClient, path: Path, text: str, language_id: str) -> None:
        """Open an empty document under the file's own name."""
        self.tally = Tally()
        self._client = client
        self._uri = path.resolve().as_uri()
        self._text = text
        self._version = 1
        self._line, self._column = 0, 0  # where the caret is, in lines and UTF-16 units
        document = {"uri": self._uri, "languageId": language_id, "version": 1, "text": ""}
        client.notify("textDocument/didOpen", {"textDocument": document})

    def run(self) -> Iterator[Shown]:
        """Type everything, yielding each suggestion when it is taken or no longer fits."""
        place, untyped = 0, ""
        while place < len(self._text):
            typed = self._next_keystroke(place)
            began = time.perf_counter()
            self._insert(typed)
            self.tally.keys += 1
            self.tally.characters += len(typed) if typed.strip() else 1
            place += len(typed)
            text = self._ask()
            self.tally.latencies_ms.append((time.perf_counter() - began) * 1e3)
            shown_anew = bool(text) and text != untyped
            self.tally.shows += shown_anew
            fits = bool(text) and self._text.startswith(text, place)
            if fits or shown_anew:
                yield Shown(self._line + 1, self._line_before(place), text, fits)
            if fits:
                self._accept(text)
                place += len(text)
                text = ""
            untyped = text[1:] if text and self._text.startswith(text[0], place) else ""

    def close(self) -> None:
        """Close the document."""
        self._client.notify("textDocument/didClose", {"textDocument": {"uri": self._uri}})

    def _next_keystroke(self, place: int) -> str:
        """Return what the next key brings: a character, or a line end with the indentation after it."""
        if self._text[place] != "\n":
            return self._text[place]
        end = place + 1
        while end < len(self._text) and self._text[end] in " \t":
            end += 1
        return self._text[place:end]

    def _accept(self, text: str) -> None:
        self._insert(text)
        self.tally.keys += 1
        self.tally.characters += len(text)
        self.tally.accepted += 1
        self.tally.accepted_characters += len(text)

    def _insert(self, text: str) -> None:
        self._version += 1
        place = {"line": self._line, "character": self._column}
        change = {"range": {"start": place, "end": place}, "text": text}
        document = {"uri": self._uri, "version": self._version}
        self._client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        *ended, last = text.split("\n")
        self._line += len(ended)
        self._column = (0 if ended else self._column) + len(last.encode("utf-16-le")) // 2

    def _ask(self) -> str:
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

    def _line_before(self, place: int) -> str:
        return self._text[self._text.rfind("\n", 0, place) + 1 : place]
