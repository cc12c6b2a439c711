"""A document without a server, as an editor for the typing simulator: what a server uses, used directly."""

from __future__ import annotations

from foretype.model.session import Session
from foretype.model.suggest import SuggestOptions, suggest
from foretype.model.tokens import encode
from foretype.model.window import Prefix


class SessionEditor:
    """Keep the text up to the caret and ask a session."""

    def __init__(self, session: Session, options: SuggestOptions) -> None:
        """Start with an empty document."""
        self._session = session
        self._options = options
        self._before = bytearray()

    def insert(self, text: str) -> None:
        """Put `text` at the caret."""
        self._before += encode(text)

    def ask(self) -> str:
        """Return the best suggestion at the caret, or an empty string."""
        answer = suggest(self._session, Prefix.of(bytes(self._before)), "", self._options)
        return answer.suggestions[0].text if answer.suggestions else ""
