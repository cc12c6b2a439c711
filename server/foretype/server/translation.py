"""LSP's types into ours and back. Knows nothing of documents' contents or of how answers are made."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args
from urllib.parse import urlsplit

from lsprotocol import types
from pygls.uris import to_fs_path

from foretype.model.suggest import Answer, Suggestion
from foretype.server.document import Change, Encoding, Position

_FIRST, _LAST = "!", "\U0010ffff"
"""Before and behind whatever a language's own server sorts its entries by; an empty string would be none at all."""
_SURE = 0.8
"""How often a suggestion must prove right to stand before what is certain to exist: four times of five."""
_LABEL_CHARACTERS = 60
_NOTEBOOK_CELL = "vscode-notebook-cell"
"""Scheme of the cells of a notebook, in VS Code and in clients that follow it."""


def encoding(capabilities: types.ServerCapabilities) -> Encoding:
    """Return the unit of columns that was agreed on."""
    agreed = capabilities.position_encoding
    name = agreed.value if isinstance(agreed, types.PositionEncodingKind) else agreed
    return name if name in get_args(Encoding) else "utf-16"  # type: ignore[return-value]  # checked just here


def path(uri: str) -> str | None:
    """Return the path of the file that a document is, or is a cell of; None if it is on no disk."""
    try:
        parts = urlsplit(uri)
        return to_fs_path(f"file://{parts.path}" if parts.scheme == _NOTEBOOK_CELL else uri)
    except ValueError:  # no URI, though a client takes it for one
        return None


def every_cell() -> types.NotebookDocumentSyncOptions:
    """Return the wish to be told of every cell of every notebook."""
    cells = [types.NotebookCellLanguage("*")]
    return types.NotebookDocumentSyncOptions([types.NotebookDocumentFilterWithCells(cells, "*")])


def position(place: types.Position) -> Position:
    """Return a place in a document."""
    return Position(place.line, place.character)


def change(event: types.TextDocumentContentChangeEvent) -> Change | str:
    """Return an edit; a string is the whole new text."""
    if isinstance(event, types.TextDocumentContentChangeWholeDocument):
        return event.text
    return Change(position(event.range.start), position(event.range.end), event.text)


def inline_items(
    answer: Answer, place: types.Position, selected: types.SelectedCompletionInfo | None
) -> list[types.InlineCompletionItem]:
    """Return suggestions as ghost text."""
    # a client shows nothing unless the item starts with the selected entry and replaces the same range
    start = selected.text if selected else ""
    range_ = selected.range if selected else types.Range(place, place)
    return [types.InlineCompletionItem(start + one.text, range=range_) for one in answer.suggestions]


def indented(answer: Answer, place: types.Position, options: types.FormattingOptions) -> Answer:
    """Return an answer whose lines begin with the tabs or spaces that the client indents by, if it says how wide."""
    if options.tab_size < 1:
        return answer

    def rewrite(suggestion: Suggestion) -> Suggestion:
        first, *rest = suggestion.text.split("\n")
        if place.character == 0:
            first = _indented(first, options)
        return replace(suggestion, text="\n".join([first, *(_indented(line, options) for line in rest)]))

    return replace(answer, suggestions=tuple(map(rewrite, answer.suggestions)))


def _indented(line: str, options: types.FormattingOptions) -> str:
    text = line.lstrip(" \t")
    columns = len(line[: len(line) - len(text)].expandtabs(options.tab_size))
    if options.insert_spaces:
        return " " * columns + text
    return "\t" * (columns // options.tab_size) + " " * (columns % options.tab_size) + text


def completion_items(answer: Answer, range_: types.Range, word: str) -> types.CompletionList:
    """Return the best suggestion as an entry of a completion menu; `word` is what stands in the range before the caret.

    It begins with the word as typed, because menus compare the two. It is asked for anew at each key.
    """
    items = [_completion_item(one, range_, word) for one in answer.suggestions[:1]]
    return types.CompletionList(is_incomplete=True, items=items)


def _completion_item(suggestion: Suggestion, range_: types.Range, word: str) -> types.CompletionItem:
    text = word + suggestion.text
    label = _label(text)
    return types.CompletionItem(
        label=label,
        kind=types.CompletionItemKind.Text,
        detail="Foretype",
        documentation=None if label == text.strip() else text,
        sort_text=_FIRST if suggestion.confidence >= _SURE else _LAST,
        # never the entry that Enter would take in place of a line end
        preselect=False,
        # what is typed stands in one line
        filter_text=text.partition("\n")[0],
        # the further lines have their indentation
        insert_text_mode=types.InsertTextMode.AsIs,
        text_edit=types.TextEdit(range_, text),
    )


def _label(text: str) -> str:
    """Return a text as one line of a menu."""
    line = " ".join(text.split())
    return line if len(line) <= _LABEL_CHARACTERS else line[: _LABEL_CHARACTERS - 1] + "…"
