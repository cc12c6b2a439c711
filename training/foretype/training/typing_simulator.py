"""Type a text with suggestions as a person would, and count the keys.

The typist takes a suggestion (one key) when all of it is what they were about to type, and types on otherwise; one who
accepts by words takes the words that fit, a key each. Indentation at the start of a line is the editor's work: it is
neither counted nor suggested. Source of the measure: characters saved = 1 - key presses / characters, as in the
keystroke-saving literature (Trnka & McCoy 2007). Knows nothing of where suggestions come from.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

_WORD = re.compile(r"\s*(?:\w+|[^\w\s]+)")
"""What one key takes of a suggestion that is accepted by words, in the manner of editors: a word or a run of signs."""


class Editor(Protocol):
    """Hold the text that is being typed, the caret at its end."""

    def insert(self, text: str) -> None:
        """Put `text` at the caret."""

    def ask(self) -> str:
        """Return the text that is suggested at the caret, or an empty string."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Tell of a suggestion that appeared."""

    line: int
    """Counted from 1."""
    before: str
    """The caret's line up to the caret."""
    text: str
    accepted: bool


@dataclass(slots=True)
class Tally:
    """Count what typing came to."""

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

    @property
    def shows_per_1000(self) -> float:
        """Suggestions shown per 1,000 characters."""
        return 1000 * self.shows / self.characters if self.characters else 0.0

    def latency_ms(self, share: float) -> float:
        """Return the latency that this share of the key presses does not exceed."""
        ranked = sorted(self.latencies_ms)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0

    def add(self, other: Tally) -> None:
        """Count another text's typing as well."""
        for name in ("characters", "keys", "shows", "accepted", "accepted_characters"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.latencies_ms += other.latencies_ms


class Typist:
    """Type `text` into an editor whose document is empty."""

    def __init__(self, editor: Editor, text: str, *, by_words: bool = False) -> None:
        """Prepare; `by_words` accepts the words of a suggestion that fit, although the rest may not."""
        self.tally = Tally()
        self._editor = editor
        self._text = text
        self._by_words = by_words

    def run(self) -> Iterator[Shown]:
        """Type everything, yielding each suggestion when it is taken or no longer fits."""
        place, untyped = 0, ""
        while place < len(self._text):
            typed = self._next_keystroke(place)
            began = time.perf_counter()
            self._editor.insert(typed)
            self.tally.keys += 1
            self.tally.characters += len(typed) if typed.strip() else 1
            place += len(typed)
            text = self._editor.ask()
            self.tally.latencies_ms.append((time.perf_counter() - began) * 1e3)
            shown_anew = bool(text) and text != untyped
            self.tally.shows += shown_anew
            taken, keys = self._taken(text, place)
            if taken or shown_anew:
                line = self._text.count("\n", 0, place) + 1
                yield Shown(line, self._line_before(place), text, bool(taken))
            if taken:
                self._accept(taken, keys)
                place += len(taken)
                text = text[len(taken) :]
            follows = self._text[place : place + 1]
            untyped = text[1:] if text and text[0] == follows else ""

    def _next_keystroke(self, place: int) -> str:
        """Return what the next key brings: a character, or a line end with the indentation after it."""
        if self._text[place] != "\n":
            return self._text[place]
        end = place + 1
        while end < len(self._text) and self._text[end] in " \t":
            end += 1
        return self._text[place:end]

    def _taken(self, text: str, place: int) -> tuple[str, int]:
        """Return how much of a suggestion is taken and with how many keys."""
        if text and self._text.startswith(text, place):
            return text, 1
        if not self._by_words:
            return "", 0
        end, keys = 0, 0
        for word in _WORD.finditer(text):
            if not self._text.startswith(text[: word.end()], place):
                break
            end, keys = word.end(), keys + 1
        return (text[:end], keys) if end > keys else ("", 0)

    def _accept(self, text: str, keys: int) -> None:
        self._editor.insert(text)
        self.tally.keys += keys
        self.tally.characters += len(text)
        self.tally.accepted += 1
        self.tally.accepted_characters += len(text)

    def _line_before(self, place: int) -> str:
        return self._text[self._text.rfind("\n", 0, place) + 1 : place]


def type_out(editor: Editor, text: str, *, by_words: bool = False) -> Tally:
    """Type all of `text` into an editor whose document is empty, and return what it came to."""
    typist = Typist(editor, text, by_words=by_words)
    for _ in typist.run():
        pass
    return typist.tally
