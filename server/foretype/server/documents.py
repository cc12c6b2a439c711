"""The open documents of one client. Knows nothing of JSON or of what the documents are used for."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from foretype.server.document import Change, Document, Encoding

_log = logging.getLogger(__name__)


class Documents:
    """Own the documents between their opening and their closing."""

    def __init__(self) -> None:
        """Start with none."""
        self.encoding: Encoding = "utf-16"
        """The unit of all columns, agreed on with the client before anything is opened."""
        self._by_uri: dict[str, Document] = {}

    def get(self, uri: str) -> Document | None:
        """Return the document if it is open."""
        return self._by_uri.get(uri)

    def items(self) -> list[tuple[str, Document]]:
        """Return all open documents with their URIs."""
        return list(self._by_uri.items())

    def open(self, uri: str, version: int, text: str, language_id: str = "") -> None:
        """Take a document's text; one that was open already is replaced."""
        self._by_uri[uri] = Document(text, version, self.encoding, language_id)

    def change(self, uri: str, version: int, changes: Sequence[Change | str]) -> None:
        """Apply edits in order; a string is the whole new text. Edits of an unopened document are dropped."""
        document = self._by_uri.get(uri)
        if document is None:
            _log.warning("dropped an edit of %s, which was never opened", uri)
            return
        if version <= document.version:
            _log.warning("%s went from version %d to %d", uri, document.version, version)
        document.version = version
        for change in changes:
            if isinstance(change, str):
                document.replace(change)
            else:
                document.apply(change)

    def distrust(self, uri: str) -> None:
        """Note that an edit of this document was lost: its text here is no longer the client's."""
        if (document := self._by_uri.get(uri)) is not None:
            document.trusted = False

    def close(self, uri: str) -> None:
        """Forget a document; one that is not open is left alone."""
        self._by_uri.pop(uri, None)
