"""The notebooks of one client: each cell is a document, read as the continuation of the cells above it.

Knows nothing of JSON or of what notebooks hold besides text.
"""

from __future__ import annotations

from collections.abc import Sequence

from foretype.model.tokens import encode
from foretype.model.window import TAIL_BYTES, Prefix
from foretype.server.document import Document, Position
from foretype.server.documents import Documents

_BETWEEN_CELLS = "\n\n"
"""What stands between cells where notebooks are written as scripts."""


class Notebooks:
    """Own the order of the cells of each open notebook; their texts are `documents`' own."""

    def __init__(self, documents: Documents) -> None:
        """Start with none."""
        self._documents = documents
        self._cells: dict[str, list[str]] = {}
        self._notebook_of: dict[str, str] = {}

    def open(self, notebook: str, cells: Sequence[str]) -> None:
        """Take a notebook's cells, by the URIs of their documents."""
        self.close(notebook)
        self._cells[notebook] = []
        self.splice(notebook, 0, 0, cells)

    def splice(self, notebook: str, start: int, count: int, cells: Sequence[str]) -> None:
        """Put `cells` in place of `count` others; a notebook that is not open is left alone."""
        if (held := self._cells.get(notebook)) is None:
            return
        for cell in held[start : start + count]:
            self._notebook_of.pop(cell, None)
        held[start : start + count] = cells
        self._notebook_of.update(dict.fromkeys(cells, notebook))

    def cells(self, notebook: str) -> list[str]:
        """Return the URIs of a notebook's cells in their order."""
        return list(self._cells.get(notebook, ()))

    def close(self, notebook: str) -> None:
        """Forget a notebook; one that is not open is left alone."""
        for cell in self._cells.pop(notebook, ()):
            self._notebook_of.pop(cell, None)

    def prefix(self, uri: str, document: Document, position: Position) -> Prefix:
        """Return the text before a place, which in a notebook begins with the cells above of the same language."""
        own = document.prefix(position)
        notebook = self._notebook_of.get(uri)
        if notebook is None or not own.at_start:
            return own
        pieces, length = [own.tail], len(own.tail)
        above = self._cells[notebook]
        for cell in reversed(above[: above.index(uri)]):
            text = self._text(cell, document.language_id)
            pieces.append(text)
            length += len(text)
            if length > TAIL_BYTES:
                break
        return Prefix.of(b"".join(reversed(pieces)))

    def _text(self, cell: str, language: str) -> bytes:
        document = self._documents.get(cell)
        if document is None or document.language_id != language or not document.length:
            return b""
        end = Position(document.line_count, 0)
        return document.prefix(end).tail + encode(_BETWEEN_CELLS)
