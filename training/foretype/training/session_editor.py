"""A document without a server, as an editor for the typing simulator: what a server uses, used directly."""

from __future__ import annotations

from foretype.model.session import Session
from foretype.model.suggest import SuggestOptions, suggest
from foretype.model.tokens import encode
from foretype.model.window import AFTER_BYTES, Prefix


class SessionEditor:
    """Keep the text up to the caret and ask a session."""

    def __init__(self, session: Session, options: SuggestOptions, before: str = "", after: str = "") -> None:
        """Start with a document that has these texts left and right of the caret."""
        self._session = session
        self._options = options
        self._prefix = Prefix.of(encode(before))
        self._after = after[:AFTER_BYTES]

    def insert(self, text: str) -> None:
        """Put `text` at the caret."""
        self._prefix = self._prefix.then(encode(text))

    def ask(self) -> str:
        """Return the best suggestion at the caret, or an empty string."""
        answer = suggest(self._session, self._prefix, self._after, self._options)
        return answer.suggestions[0].text if answer.suggestions else ""
