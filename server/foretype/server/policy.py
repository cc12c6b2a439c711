"""Whether we may speak at a place at all, before any model is asked: a reason for silence, or none.

Knows documents and settings, nothing of the protocol or of models.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from foretype.model.files import is_off_limits
from foretype.model.reason import Reason
from foretype.server.document import Document, Position
from foretype.server.settings import Settings

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_PYGMENTS_NAMES = {"typescriptreact": "tsx", "javascriptreact": "jsx", "shellscript": "bash", "objective-c": "objc"}
"""Editors' names of languages that Pygments knows under others."""
_CLOSINGS = ("*/", "\n", '"', "'", "`")
"""What may be missing right of the caret: some lexers know a comment or a string only by its end."""
_CONTEXT_CHARACTERS = 8192
"""How much text before the caret is read to tell comments and strings from code."""


class Policy:
    """Judge places; remembers which paths are ignored until `forget`."""

    def __init__(self, opened: Callable[[], Sequence[Path]] = tuple) -> None:
        """Start knowing nothing; `opened` tells the folders that the user works in."""
        self._off_limits = lru_cache(maxsize=1024)(lambda path: _is_off_limits(Path(path), opened()))

    def forget(self) -> None:
        """Look at the ignore files and the open folders anew from now on."""
        self._off_limits.cache_clear()

    def silence(
        self, document: Document | None, path: str | None, position: Position, settings: Settings, *, asked: bool
    ) -> Reason | None:
        """Return why there can be no suggestion at `position`, None if there can; `path` is None off the disk."""
        if not settings.enabled:
            return Reason.DISABLED
        if document is None or not document.trusted:
            return Reason.UNKNOWN_DOCUMENT
        if document.language_id in settings.disabled_languages:
            return Reason.DISABLED_LANGUAGE
        if document.length > settings.max_document_characters:
            return Reason.TOO_LARGE
        if path is not None and self._off_limits(path):
            return Reason.IGNORED_PATH
        return None if asked else _silence_unasked(document, position, settings)


def _is_off_limits(path: Path, opened: Sequence[Path]) -> bool:
    try:
        return is_off_limits(path, opened)
    except OSError:  # not ours to look at, or no name for a file: nobody knows what excludes it
        return True


def _silence_unasked(document: Document, position: Position, settings: Settings) -> Reason | None:
    if settings.manual:
        return Reason.MANUAL
    if document.took_away(position) and not settings.after_deletion:
        return Reason.AFTER_DELETION
    if settings.in_comments and settings.in_strings:
        return None
    kind = kind_at(document, position)
    if kind == "comment" and not settings.in_comments:
        return Reason.IN_COMMENT
    return Reason.IN_STRING if kind == "string" and not settings.in_strings else None


def kind_at(document: Document, position: Position) -> str:
    """Return "comment", "string" or "code" for a place, by Pygments' lexer for the document's language.

    What is read begins at a line some thousand characters up; a comment or string that is longer is taken for code.
    """
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    name = _PYGMENTS_NAMES.get(document.language_id, document.language_id)
    try:
        lexer = get_lexer_by_name(name, ensurenl=False, stripnl=False)
    except ClassNotFound:
        return "code"
    before = document.prefix(position).tail[-_CONTEXT_CHARACTERS:].decode("utf-8", "replace")
    if len(before) == _CONTEXT_CHARACTERS:
        before = before[before.find("\n") + 1 :]
    for closing in _CLOSINGS:
        kind, stumbled = _kind_between(lexer, before, closing)
        # a quote is tried only where the line makes no sense without it
        if kind != "code" or (not stumbled and closing != _CLOSINGS[0]):
            return kind
    return "code"


def _kind_between(lexer: Lexer, before: str, closing: str) -> tuple[str, bool]:
    """Return the kind of a letter typed between `before` and `closing`, and whether the lexer stumbles in its line."""
    from pygments.token import Comment, Error, Literal, is_token_subtype

    offset, kind, stumbled = 0, None, False
    line = before.rfind("\n") + 1
    for token, text in lexer.get_tokens(before + "x" + closing):
        end = offset + len(text)
        stumbled |= is_token_subtype(token, Error) and end > line
        if offset <= len(before) < end:
            kind = token
        offset = end
    if kind is None:
        return "code", stumbled
    if is_token_subtype(kind, Comment):
        return "comment", stumbled
    return ("string" if is_token_subtype(kind, Literal.String) else "code"), stumbled
