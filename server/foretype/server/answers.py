"""The answers of one document that still hold: for the same text, or for a text that was typed along what was shown.

Knows nothing of threads, of how answers are made or of the protocol.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from foretype.model.suggest import Answer, SuggestOptions
from foretype.model.tokens import encode
from foretype.model.window import Prefix

_MOST_KEPT = 6


@dataclass(frozen=True, slots=True)
class Query:
    """Hold what a suggestion depends on, apart from what is remembered."""

    path: str
    language: str
    """What the client calls the document's language."""
    prefix: Prefix
    suffix: str
    options: SuggestOptions

    def after(self, text: str) -> Query:
        """Return the query that follows when `text` is put before the caret."""
        return replace(self, prefix=self.prefix.then(encode(text)))


@dataclass(frozen=True, slots=True)
class _Kept:
    query: Query
    answer: Answer


class Answers:
    """Own the latest answers of one document."""

    def __init__(self) -> None:
        """Start with none."""
        self._kept: deque[_Kept] = deque(maxlen=_MOST_KEPT)
        self._shown: _Kept | None = None

    def keep(self, query: Query, answer: Answer) -> None:
        """Keep an answer for when its query comes."""
        self._kept.append(_Kept(query, answer))

    def show(self, query: Query, answer: Answer) -> None:
        """Note that the client was given this answer."""
        self._shown = _Kept(query, answer) if answer.suggestions else None

    def knows(self, query: Query) -> bool:
        """Tell whether the answer to exactly this query is kept."""
        return any(kept.query == query for kept in self._kept)

    def find(self, query: Query) -> Answer | None:
        """Return the answer to a query if it is known.

        A suggestion that is being typed along stays, unless what was found since goes on from it: text that changes
        under the user's eyes helps nobody.
        """
        exact = next((kept.answer for kept in reversed(self._kept) if kept.query == query), None)
        rest = self._rest(query)
        if rest is None or (exact is not None and _goes_on(exact, rest)):
            return exact
        return rest

    def _rest(self, query: Query) -> Answer | None:
        """Return what is left of the suggestion shown last if the user has typed its beginning."""
        shown = self._shown
        if shown is None or query.options.asked:
            return None  # who asks by hand wants to choose
        if (query.suffix, query.options) != (shown.query.suffix, shown.query.options):
            return None
        suggestion = shown.answer.suggestions[0]
        for typed in range(1, len(suggestion.text)):
            beginning = suggestion.text[:typed]
            if query.prefix.tail.endswith(encode(beginning)) and shown.query.after(beginning) == query:
                return Answer((replace(suggestion, text=suggestion.text[typed:]),))
        return None


def _goes_on(answer: Answer, rest: Answer) -> bool:
    """Tell whether an answer offers what is left of another, or more."""
    return any(one.text.startswith(rest.suggestions[0].text) for one in answer.suggestions[:1])
