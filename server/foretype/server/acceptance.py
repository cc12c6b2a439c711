"""What became of a suggestion, read off the document's edits, since few editors tell.

Where a suggestion was shown, the text that stands there later is compared with it: taken in one edit, word by word,
typed along key by key, or left. Edits themselves are not looked at, because editors describe the same edit in
different ways. Knows nothing of the protocol or of the ledger's file.
"""

from __future__ import annotations

from dataclasses import dataclass

from foretype.server.document import Document, Position
from foretype.server.ledger import Fate

_CLOSERS = ")]}>'\"`"
"""What an editor may put behind the caret by itself when its counterpart is typed."""
_NEAR_LINES = 100
"""How far text that was accepted may have moved and still counts as standing there."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Hold what became of one suggestion."""

    shown: str
    accepted: int
    """Characters that were taken, not typed."""
    keys_saved: int
    """Those, less a key press for each time that some were taken."""
    how: Fate
    confidence: float
    right: bool
    """Whether all of it came to stand there, whoever wrote it."""
    asked: bool
    line: int
    """Where it was shown."""

    @property
    def text_accepted(self) -> str:
        """What was taken, if anything was."""
        return self.shown if self.accepted else ""


@dataclass(slots=True)
class _Shown:
    text: str
    confidence: float
    asked: bool
    line: int
    before: str
    """The line left of the caret."""
    right: str
    """The rest of the line, its end included."""
    standing: int = 0
    """Characters of the suggestion that stand in the document by now."""
    accepted: int = 0
    takings: int = 0
    how: Fate = Fate.DISMISSED

    def ending(self) -> Ending:
        right = self.standing == len(self.text)
        how = Fate.TYPED if right and not self.takings else self.how
        saved = self.accepted - self.takings
        return Ending(self.text, self.accepted, saved, how, self.confidence, right, self.asked, self.line)


class Acceptance:
    """Watch the suggestions of one document."""

    def __init__(self) -> None:
        """Start with nothing shown."""
        self.watches = 0
        """How many suggestions were watched so far; one that goes on from another counts once."""
        self._shown: _Shown | None = None

    @property
    def accepted(self) -> int:
        """Characters taken so far of the suggestion being watched."""
        return 0 if self._shown is None else self._shown.accepted

    def show(
        self, document: Document, position: Position, text: str, confidence: float, *, asked: bool
    ) -> list[Ending]:
        """Note what is shown at a caret; return what became of the suggestion before, if this is another one."""
        shown = self._shown
        before, right = _around(document, position)
        if shown is not None and shown.line == position.line:
            typed = shown.text[: shown.standing]
            if before == shown.before + typed and text.startswith(shown.text[shown.standing :]):
                shown.text = typed + text  # the same, or going on from it
                return []
        ended = self.close()
        self.watches += 1
        self._shown = _Shown(text, confidence, asked, position.line, before, right)
        return ended

    def look(self, document: Document) -> list[Ending]:
        """Return what has become of the suggestion by the document's last edit, if that is decided."""
        shown = self._shown
        if shown is None:
            return []
        standing = _standing(document, shown)
        if standing is None or standing < shown.standing:
            return self.close()
        gained = standing - shown.standing
        if gained > 1:
            shown.accepted += gained
            shown.takings += 1
            shown.how = _fate(shown, standing)
        shown.standing = standing
        return self.close() if standing == len(shown.text) else []

    def close(self) -> list[Ending]:
        """Return what became of the suggestion shown last, if there is one; there is none after that."""
        shown, self._shown = self._shown, None
        return [] if shown is None else [shown.ending()]


def retained_share(document: Document, ending: Ending) -> float:
    """Return the share of the accepted lines that still stand near where they were put."""
    low = max(0, ending.line - _NEAR_LINES)
    near = [document.line(number) for number in range(low, ending.line + _NEAR_LINES)]
    pieces = [piece.strip() for piece in ending.text_accepted.split("\n") if piece.strip()]
    if not pieces:
        return 0.0
    return sum(len(piece) for piece in pieces if any(piece in line for line in near)) / sum(map(len, pieces))


def keys_typed(inserted: str) -> int:
    """Return how many keys put this text in, 0 if it was not typed: pasted, or put in by another tool."""
    if inserted and not inserted.strip():
        return 1  # a line end comes with its indentation, a tab with all its spaces
    return len(inserted) if len(inserted) <= 2 else 0


def _around(document: Document, position: Position) -> tuple[str, str]:
    suffix = document.suffix(position)
    line = document.line(position.line)
    right, end, _ = suffix.partition("\n")
    return line[: len(line) - len(right)], right + end


def _standing(document: Document, shown: _Shown) -> int | None:
    """Return how many of the suggestion's characters stand where it was shown, None if something else does."""
    if not document.line(shown.line).startswith(shown.before):
        return None
    wanted = len(shown.text) + len(shown.right) + 2
    here = document.text_from(shown.line, len(shown.before), wanted)
    for standing in range(len(shown.text), -1, -1):
        rest = here[standing:]
        if here.startswith(shown.text[:standing]) and _goes_on(rest, shown.right):
            return standing
    return None


def _goes_on(rest: str, right: str) -> bool:
    if rest.startswith(right) and (right or not rest):
        return True
    return rest[:1] in _CLOSERS and rest[:1] != "" and rest[1:].startswith(right) and (right != "" or len(rest) == 1)


def _fate(shown: _Shown, standing: int) -> Fate:
    if shown.standing == 0 and standing == len(shown.text):
        return Fate.ACCEPTED
    ends_line = standing == len(shown.text) or shown.text[standing - 1] == "\n" or shown.text[standing] == "\n"
    return Fate.LINE if ends_line and "\n" in shown.text else Fate.WORD
