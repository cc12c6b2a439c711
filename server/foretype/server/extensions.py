"""Messages beyond LSP 3.18: fields that clients of other completion servers send, and a request of our own.

The fields and notifications are those of the Copilot language server, which several editors speak; each is honoured
where it is present and missed nowhere. Knows only their shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, override
from lsprotocol import types
from pygls.protocol import default_converter

from foretype.server.settings import camel

DID_SHOW_COMPLETION = "textDocument/didShowCompletion"
DID_PARTIALLY_ACCEPT_COMPLETION = "textDocument/didPartiallyAcceptCompletion"
DID_FOCUS = "textDocument/didFocus"
DID_CHANGE_STATUS = "didChangeStatus"
STATUS = "foretype/status"


@attrs.frozen
class VersionedDocument:
    """Name a document, and perhaps the version that the client means."""

    uri: str
    version: int | None = None


@attrs.frozen
class InlineCompletionParams:
    """Hold what is asked for: as in LSP, with what it leaves out."""

    text_document: VersionedDocument
    position: types.Position
    context: types.InlineCompletionContext
    partial_result_token: int | str | None = None
    formatting_options: types.FormattingOptions | None = None


@attrs.frozen
class InlineCompletionRequest:
    """Wrap the parameters as a message."""

    id: int | str
    params: InlineCompletionParams
    method: str = types.TEXT_DOCUMENT_INLINE_COMPLETION
    jsonrpc: str = "2.0"


_OWN_TYPES: dict[str, type] = {types.TEXT_DOCUMENT_INLINE_COMPLETION: InlineCompletionRequest}


def message_type(method: str) -> type | None:
    """Return the type of a message that is more than LSP says, None for all others."""
    return _OWN_TYPES.get(method)


def wants_status(initialization_options: object) -> bool:
    """Tell whether a client is of those that know `didChangeStatus`: they name their plugin."""
    return isinstance(initialization_options, Mapping) and "editorPluginInfo" in initialization_options


def converter() -> Converter:
    """Return pygls's converter, taught these types."""
    made: Converter = default_converter()  # type: ignore[no-untyped-call]  # pygls leaves it untyped
    for union in (int | str, int | str | None):
        made.register_structure_hook(union, _as_identifier)
    for own in (VersionedDocument, InlineCompletionParams, InlineCompletionRequest):
        attrs.resolve_types(own)
        names: dict[str, Any] = {one.name: override(rename=camel(one.name)) for one in attrs.fields(own)}
        made.register_structure_hook(own, make_dict_structure_fn(own, made, **names))
    return made


def _as_identifier(value: Any, _: type) -> int | str | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | str)):
        raise ValueError(f"expected a string or a whole number, got {type(value).__name__}")
    return value
