"""A document the slow way, to compare with: shares no code with the server."""

from __future__ import annotations

from foretype.server.document import Change, Encoding, Position


class ReferenceText:
    """Apply edits the slow way: one string, walked character by character."""

    def __init__(self, text: str, encoding: Encoding) -> None:
        self.text = text
        self.encoding = encoding

    def offset(self, position: Position) -> int:
        index, line = 0, 0
        while line < position.line:
            while index < len(self.text) and self.text[index] not in "\r\n":
                index += 1
            if index == len(self.text):
                return index
            index += 2 if self.text.startswith("\r\n", index) else 1
            line += 1
        units = 0
        while index < len(self.text) and self.text[index] not in "\r\n":
            units += self.width(self.text[index])
            if units > position.character:
                break
            index += 1
        return index

    def width(self, character: str) -> int:
        if self.encoding == "utf-32":
            return 1
        if self.encoding == "utf-8":
            return len(character.encode("utf-8", "surrogatepass"))
        return len(character.encode("utf-16-le", "surrogatepass")) // 2

    def apply(self, change: Change) -> None:
        start, end = sorted((self.offset(change.start), self.offset(change.end)))
        self.text = self.text[:start] + change.text + self.text[end:]
