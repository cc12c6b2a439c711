"""A language's own server, beside which ours runs: it offers two names in the completion menu, whatever is typed."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

NAMES = ("register_measurement", "regis_tell")

server = LanguageServer("language", "1")


@server.feature(types.TEXT_DOCUMENT_COMPLETION)
def complete(_: types.CompletionParams) -> list[types.CompletionItem]:
    """Return the names, sorted as such servers do."""
    kind = types.CompletionItemKind.Function
    return [types.CompletionItem(name, kind=kind, sort_text=f"09.{name}") for name in NAMES]


if __name__ == "__main__":
    server.start_io()
