"""The language server: handlers that fetch, call and wrap, and nothing else.

Handlers are plain functions, so they run in the order in which messages arrive: a request sees the document exactly
as it stood when it was sent, takes what it needs as values, and returns a future. Only here do LSP types meet ours.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import default_converter
from pygls.uris import to_fs_path

from foretype.model.engine import Engine
from foretype.model.reason import Reason
from foretype.model.suggest import Answer
from foretype.model.tokens import encode
from foretype.model.window import TAIL_BYTES, Prefix
from foretype.server import parent, settings, workspace
from foretype.server.document import Change, Document, Encoding, Position
from foretype.server.documents import Documents
from foretype.server.memories import Memories, project_around
from foretype.server.protocol import Protocol
from foretype.server.settings import Settings
from foretype.server.suggestions import AnswerFuture, Suggestions

_log = logging.getLogger(__name__)


class Server(LanguageServer):
    """Hold everything that belongs to one client."""

    protocol: Protocol

    def __init__(self, version: str, load_engine: Callable[[], Engine], parent_gone: Callable[[], None]) -> None:
        """Prepare a server; `parent_gone` is called from another thread when the client's process has ended."""
        super().__init__("foretype", version, protocol_cls=Protocol, converter_factory=default_converter)
        self.documents = Documents()
        self.settings = Settings()
        self.memories = Memories(lambda: self.settings.memory_bytes, lambda: self.settings.other_projects)
        self.suggestions = Suggestions(load_engine, self.memories)
        self.folders: list[Path] = []
        self._problems: list[str] = []
        self._parent_gone = parent_gone
        self.protocol.on_rejected = self._rejected
        _register(self)

    def report_server_error(self, error: Exception, source: Any) -> None:  # noqa: ARG002  # pygls's signature
        """Log; pygls would raise a popup in the middle of somebody's typing."""
        _log.error("%s: %s", type(error).__name__, error)

    def configure(self, values: object) -> None:
        """Use these settings; tell the user once about all that could not be used."""
        self.settings, problems = settings.parse(values)
        if problems and problems != self._problems:  # editors send the same settings again and again
            text = "Foretype settings: " + "; ".join(problems)
            _log.warning(text)
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
        self._problems = problems

    def watch_parent(self, process_id: int | None) -> None:
        """End when the client's process ends, if the client named it."""
        if process_id is not None:
            parent.watch(process_id, self._parent_gone)

    def remember(self, folder: Path) -> None:
        """Begin to remember a folder's files, if the settings allow it, and tell the client how it goes."""
        begun = self.memories.add(folder) if self.settings.memory else None
        if begun is not None:
            workspace.report(self, f"Foretype reads {folder.name}", asyncio.wrap_future(begun))

    def request(
        self,
        uri: str,
        position: types.Position,
        *,
        asked: bool,
        selected: types.SelectedCompletionInfo | None,
    ) -> AnswerFuture:
        """Return the future suggestions for a caret."""
        if not self.settings.enabled:
            return _answered(Reason.DISABLED)
        document = self.documents.get(uri)
        if document is None or not document.trusted:
            return _answered(Reason.UNKNOWN_DOCUMENT)
        caret = Position(position.line, position.character)
        prefix = document.prefix(caret) if selected is None else _prefix_with(document, selected)
        options = self.settings.suggest_options(asked=asked)
        return self.suggestions.request(uri, to_fs_path(uri) or uri, prefix, document.suffix(caret), options)

    def _rejected(self, method: str, message: dict[str, Any]) -> None:
        if method != types.TEXT_DOCUMENT_DID_CHANGE:
            return
        try:
            self.documents.distrust(message["params"]["textDocument"]["uri"])
        except (KeyError, TypeError):
            _log.warning("an edit was lost and does not say of which document")


def _register(server: Server) -> None:
    server.feature(types.INITIALIZE)(_initialize)
    server.feature(types.INITIALIZED)(_initialized)
    server.feature(types.SHUTDOWN)(_shutdown)
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(_did_change_configuration)
    server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(_did_change_workspace_folders)
    server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(_did_change_watched_files)
    server.feature(types.TEXT_DOCUMENT_DID_OPEN)(_did_open)
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(_did_change)
    server.feature(types.TEXT_DOCUMENT_DID_CLOSE)(_did_close)
    server.feature(types.TEXT_DOCUMENT_DID_SAVE)(_did_save)
    # announced always: one client asks for it without claiming to (Emacs lsp-mode)
    server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())(_inline_completion)


def _initialize(ls: Server, params: types.InitializeParams) -> None:
    text_document = params.capabilities.text_document
    if text_document is None or text_document.inline_completion is None:
        ls.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions())(_completion)
    ls.folders = workspace.folders(params)
    ls.configure(params.initialization_options)
    ls.watch_parent(params.process_id)


def _initialized(ls: Server, _: types.InitializedParams) -> None:
    ls.documents.encoding = _encoding(ls.server_capabilities)
    ls.suggestions.start()
    for folder in ls.folders:
        ls.remember(folder)
    workspace.watch_files(ls)


def _shutdown(ls: Server, _: None) -> None:
    ls.suggestions.stop()
    ls.memories.stop()


def _did_change_configuration(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    if params.settings is not None:
        ls.configure(params.settings)


def _did_change_workspace_folders(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    for folder in workspace.paths(params.event.removed):
        ls.memories.remove(folder)
    for folder in workspace.paths(params.event.added):
        ls.remember(folder)


def _did_change_watched_files(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    for uri in {change.uri for change in params.changes}:
        if path := to_fs_path(uri):
            ls.memories.refresh_file(Path(path))


def _did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    opened = params.text_document
    ls.documents.open(opened.uri, opened.version, opened.text)
    if not ls.folders and (path := to_fs_path(opened.uri)) and (folder := project_around(Path(path))):
        ls.remember(folder)


def _did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    changes = [_change(change) for change in params.content_changes]
    ls.documents.change(params.text_document.uri, params.text_document.version, changes)


def _did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    ls.documents.close(params.text_document.uri)
    ls.suggestions.close(params.text_document.uri)


def _did_save(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    if path := to_fs_path(params.text_document.uri):
        ls.memories.refresh_file(Path(path))


def _inline_completion(ls: Server, params: types.InlineCompletionParams) -> AnswerFuture:
    selected = params.context.selected_completion_info
    asked = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
    position = params.position
    answer = ls.request(params.text_document.uri, position, asked=asked, selected=selected)
    return _then(answer, lambda answer: _inline_items(answer, position, selected))


def _completion(ls: Server, params: types.CompletionParams) -> AnswerFuture:
    position = params.position
    answer = ls.request(params.text_document.uri, position, asked=False, selected=None)
    return _then(answer, lambda answer: _completion_items(answer, position))


def _inline_items(
    answer: Answer, position: types.Position, selected: types.SelectedCompletionInfo | None
) -> types.InlineCompletionList:
    # a client shows nothing unless the item starts with the selected entry and replaces the same range
    start = selected.text if selected else ""
    range_ = selected.range if selected else types.Range(position, position)
    return types.InlineCompletionList(
        [types.InlineCompletionItem(start + one.text, range=range_) for one in answer.suggestions]
    )


def _completion_items(answer: Answer, position: types.Position) -> types.CompletionList:
    items = [
        types.CompletionItem(
            label=one.text,
            kind=types.CompletionItemKind.Text,
            detail="Foretype",
            sort_text="~",  # after everything that a language's own server offers
            preselect=False,
            filter_text="",
            text_edit=types.TextEdit(types.Range(position, position), one.text),
        )
        for one in answer.suggestions
    ]
    return types.CompletionList(is_incomplete=True, items=items)


def _encoding(capabilities: types.ServerCapabilities) -> Encoding:
    agreed = capabilities.position_encoding
    name = agreed.value if isinstance(agreed, types.PositionEncodingKind) else agreed
    return name if name in get_args(Encoding) else "utf-16"  # type: ignore[return-value]  # checked just here


def _change(change: types.TextDocumentContentChangeEvent) -> Change | str:
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return change.text
    start, end = change.range.start, change.range.end
    return Change(Position(start.line, start.character), Position(end.line, end.character), change.text)


def _prefix_with(document: Document, selected: types.SelectedCompletionInfo) -> Prefix:
    """Return the text before the caret as if the entry selected in the completion menu had been accepted."""
    start = selected.range.start
    before = document.prefix(Position(start.line, start.character))
    whole = before.tail + encode(selected.text)
    return Prefix(whole[-TAIL_BYTES:], before.at_start and len(whole) <= TAIL_BYTES)


def _answered(reason: Reason) -> AnswerFuture:
    future: AnswerFuture = asyncio.get_running_loop().create_future()
    future.set_result(Answer(reason=reason))
    return future


def _then(answer: AnswerFuture, wrap: Callable[[Answer], Any]) -> asyncio.Future[Any]:
    """Return a future of the wrapped answer; cancelling it cancels the request for the answer."""
    wrapped: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def forward(done: AnswerFuture) -> None:
        if not wrapped.done():
            wrapped.set_result(wrap(done.result()))

    def withdraw(done: asyncio.Future[Any]) -> None:
        if done.cancelled():
            answer.cancel()

    answer.add_done_callback(lambda done: None if done.cancelled() else forward(done))
    wrapped.add_done_callback(withdraw)
    return wrapped
