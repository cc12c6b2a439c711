r"""One open document as the client sees it: lines, edits in client units, the text around a caret.

An edit costs what it touches, whatever the document's size. Lines end where LSP says they end (`\n`, `\r\n`, `\r`)
and nowhere else: not at form feeds or U+2028, where `str.splitlines` would cut. Positions beyond a line or the
document are clamped, reversed ranges are turned round. Source: LSP 3.18, "Text Documents" and "Position".
Knows nothing of JSON, of the network or of other documents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from foretype.model.tokens import encode
from foretype.model.window import AFTER_BYTES, TAIL_BYTES, Prefix

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINES_AT_ONCE = 512
"""Going up line by line costs a millisecond in a file of short lines."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Name a place: a line number and a column in client units, both from 0."""

    line: int
    character: int


@dataclass(frozen=True, slots=True)
class Change:
    """Replace the text between two positions."""

    start: Position
    end: Position
    text: str


class Document:
    """Hold the lines of one document, each with its line end."""

    def __init__(self, text: str, version: int, encoding: Encoding, language_id: str = "") -> None:
        """Start with this text; `encoding` is the unit in which the client counts columns."""
        self.version = version
        self.encoding = encoding
        self.language_id = language_id
        """What the client calls the document's language."""
        self._thinned: int | None = None
        """The line in which the last edit took text away, if it did nothing else."""
        self.trusted = True
        """Whether this is known to be the client's text; not after an edit that could not be understood."""
        self._lines = split_lines(text)
        self._length = len(text)
        self._prefix: tuple[tuple[int, int], Prefix] | None = None
        """The last one asked for and where: edit and request ask for the same."""

    @property
    def text(self) -> str:
        """The whole text; costs its length."""
        return "".join(self._lines)

    @property
    def length(self) -> int:
        """Number of code points, line ends included."""
        return self._length

    @property
    def line_count(self) -> int:
        """Number of lines, the empty one after a final line end not counted."""
        return len(self._lines)

    def replace(self, text: str) -> None:
        """Take `text` as the whole content; it is the client's again."""
        self._lines = split_lines(text)
        self._length = len(text)
        self._prefix = None
        self._thinned = None
        self.trusted = True

    def apply(self, change: Change) -> None:
        """Apply one edit."""
        (first, start), (last, end) = sorted((self._locate(change.start), self._locate(change.end)))
        lines = self._lines
        before = lines[first][:start] if first < len(lines) else ""
        after = lines[last][end:] if last < len(lines) else ""
        low, high, text = self._rejoin(first, min(last + 1, len(lines)), before + change.text + after)
        replaced = sum(len(line) for line in lines[low:high])
        lines[low:high] = split_lines(text)
        self._length += len(text) - replaced
        self._prefix = None
        self._thinned = first if not change.text and (first, start) != (last, end) else None

    def took_away(self, position: Position) -> bool:
        """Tell whether the last edit only took text away, and in this line."""
        return self._thinned == self._locate(position)[0]

    def end_of(self, change: Change) -> Position:
        """Return where the text that an edit put in ends, once the edit is applied: where the caret likely stands."""
        start = min(change.start, change.end)
        *ended, last = split_lines(change.text + "\n")
        line, column = (start.line, start.character) if not ended else (start.line + len(ended), 0)
        return Position(line, column + _units(last[:-1], self.encoding))

    def line(self, number: int) -> str:
        """Return a line without its line end; a line past the end is empty."""
        if number >= len(self._lines):
            return ""
        return self._lines[number][: self.line_length(number)]

    def line_length(self, line: int) -> int:
        """Return how many code points a line has without its line end; a line past the end has none."""
        if line >= len(self._lines):
            return 0
        return len(self._lines[line]) - _line_end(self._lines[line])

    def text_from(self, line: int, index: int, characters: int) -> str:
        """Return the text that begins at an index of a line's string, every line end as a newline, cut to a length."""
        pieces, length = [self.line(line)[index:]], 0
        while line + 1 < len(self._lines) and length < characters:
            line += 1
            length += len(pieces[-1]) + 1
            pieces.append(self.line(line))
        ended = line < len(self._lines) and _line_end(self._lines[line])
        return ("\n".join(pieces) + ("\n" if ended else ""))[:characters]

    def prefix(self, position: Position) -> Prefix:
        """Return as much of the text before `position` as a window can need, every line end as a newline."""
        line, column = self._locate(position)
        if self._prefix is None or self._prefix[0] != (line, column):
            self._prefix = (line, column), self._prefix_at(line, column)
        return self._prefix[1]

    def _prefix_at(self, line: int, column: int) -> Prefix:
        first = line
        length = column
        while first > 0 and length < TAIL_BYTES:
            last, first = first, max(0, first - _LINES_AT_ONCE)
            length += sum(map(len, self._lines[first:last]))
        here = [self._lines[line][:column]] if line < len(self._lines) else []
        tail = encode(_with_newlines("".join(self._lines[first:line] + here)))
        return Prefix(tail[-TAIL_BYTES:], at_start=first == 0 and len(tail) <= TAIL_BYTES)

    def word_before(self, position: Position) -> tuple[Position, str]:
        """Return where the word that ends at `position` begins, and the word; it may be empty."""
        line, column = self._locate(position)
        before = self.line(line)[:column]
        start = len(before)
        while start > 0 and (before[start - 1].isalnum() or before[start - 1] == "_"):
            start -= 1
        return Position(line, _units(before[:start], self.encoding)), before[start:]

    def suffix(self, position: Position) -> str:
        """Return about `AFTER_BYTES` of the text right of `position`, every line end as a newline."""
        line, column = self._locate(position)
        if line >= len(self._lines):
            return ""
        last = line + 1
        length = len(self._lines[line]) - column
        while last < len(self._lines) and length < AFTER_BYTES:
            length += len(self._lines[last])
            last += 1
        return _with_newlines("".join([self._lines[line][column:], *self._lines[line + 1 : last]]))[:AFTER_BYTES]

    def _locate(self, position: Position) -> tuple[int, int]:
        """Return (line, index into its string) for a client's position, clamped."""
        lines = self._lines
        if position.line < len(lines):
            return position.line, _column_to_index(lines[position.line], position.character, self.encoding)
        if lines and not _line_end(lines[-1]):
            return len(lines) - 1, len(lines[-1])
        return len(lines), 0

    def _rejoin(self, low: int, high: int, text: str) -> tuple[int, int, str]:
        r"""Widen the replaced lines [low, high) where `text` would run into a neighbour or split a `\r\n`."""
        lines = self._lines
        if low > 0 and (not _line_end(lines[low - 1]) or (lines[low - 1].endswith("\r") and text.startswith("\n"))):
            low -= 1
            text = lines[low] + text
        unfinished = not _line_end(text)
        if high < len(lines) and (unfinished or (text.endswith("\r") and lines[high].startswith("\n"))):
            text += lines[high]
            high += 1
        return low, high, text


def split_lines(text: str) -> list[str]:
    """Return the lines of `text` with their line ends; an empty text has none."""
    pieces = text.splitlines(keepends=True)  # several times faster than the pattern, but cuts at more characters
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    if len(pieces) == ends + (1 if text and text[-1] not in "\r\n" else 0):
        return pieces
    return _LINE.findall(text)


def _with_newlines(text: str) -> str:
    """Return whole lines with the ends that the network has learnt, whatever the file's own are."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _line_end(line: str) -> int:
    if line.endswith("\r\n"):
        return 2
    return 1 if line.endswith(("\n", "\r")) else 0


def _units(text: str, encoding: Encoding) -> int:
    """Return how many columns `text` takes."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _column_to_index(line: str, column: int, encoding: Encoding) -> int:
    content_length = len(line) - _line_end(line)
    if encoding == "utf-32" or line.isascii():
        return min(column, content_length)
    codec = "utf-8" if encoding == "utf-8" else "utf-16-le"
    encoded = line[:content_length].encode(codec, "surrogatepass")
    cut = column * (1 if encoding == "utf-8" else 2)
    if cut >= len(encoded):
        return content_length
    while _splits_character(encoded, cut, encoding):
        cut -= 1 if encoding == "utf-8" else 2
    return len(encoded[:cut].decode(codec, "surrogatepass"))


def _splits_character(encoded: bytes, cut: int, encoding: Encoding) -> bool:
    if encoding == "utf-8":
        return 0x80 <= encoded[cut] <= 0xBF
    return cut >= 2 and encoded[cut - 1] & 0xFC == 0xD8 and encoded[cut + 1] & 0xFC == 0xDC
