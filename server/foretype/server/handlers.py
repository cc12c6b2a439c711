"""The handlers of the language server: each fetches, calls and wraps, and does nothing else.

They are plain functions, so they run in the order in which messages arrive: a request sees the document exactly as it
stood when it was sent, takes what it needs as values, and returns a future.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from foretype.model.suggest import Answer
from foretype.server import extensions, settings, translation, workspace
from foretype.server.extensions import InlineCompletionParams
from foretype.server.memories import project_around
from foretype.server.status import status
from foretype.server.suggestions import AnswerFuture

if TYPE_CHECKING:
    from foretype.server.app import Server


def register(server: Server) -> None:
    """Announce what the server can do."""
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
    server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)(_did_open_notebook)
    server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)(_did_change_notebook)
    server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)(_told)
    server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)(_did_close_notebook)
    # announced always: one client asks for it without claiming to (Emacs lsp-mode)
    server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())(_inline_completion)
    server.feature(extensions.STATUS)(_status)
    for method in (
        extensions.DID_SHOW_COMPLETION,
        extensions.DID_PARTIALLY_ACCEPT_COMPLETION,
        extensions.DID_FOCUS,
    ):
        server.feature(method)(_told)


def _initialize(ls: Server, params: types.InitializeParams) -> None:
    text_document = params.capabilities.text_document
    if text_document is None or text_document.inline_completion is None:
        # no trigger characters: a menu of ours after a space or a bracket would be in the way of what is typed next
        ls.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions())(_completion)
    ls.folders = workspace.folders(params)
    ls.shows_status = extensions.wants_status(params.initialization_options)
    ls.configure(params.initialization_options)
    ls.watch_parent(params.process_id)


def _initialized(ls: Server, _: types.InitializedParams) -> None:
    ls.begin()
    workspace.watch_files(ls)
    workspace.ask_settings(ls, ls.configure, ls.projects.settle)


def _shutdown(ls: Server, _: None) -> None:
    ls.stop()


def _did_change_configuration(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    if params.settings is None:
        workspace.ask_settings(ls, ls.configure)
    elif settings.are_ours(params.settings):
        ls.configure(params.settings)


def _did_change_workspace_folders(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    removed, added = workspace.paths(params.event.removed), workspace.paths(params.event.added)
    ls.folders = [*(folder for folder in ls.folders if folder not in removed), *added]
    ls.policy.forget()
    for folder in removed:
        ls.projects.remove(folder)
    for folder in added:
        ls.projects.add(folder)


def _did_change_watched_files(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    for uri in {change.uri for change in params.changes}:
        ls.file_changed(uri)


def _did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    opened = params.text_document
    _open(ls, opened)
    if not ls.folders and (path := translation.path(opened.uri)) and (folder := project_around(Path(path))):
        ls.projects.add(folder)


def _open(ls: Server, opened: types.TextDocumentItem) -> None:
    ls.documents.open(opened.uri, opened.version, opened.text, opened.language_id)


def _did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    changes = [translation.change(event) for event in params.content_changes]
    ls.edit(params.text_document.uri, params.text_document.version, changes)


def _did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    ls.close(params.text_document.uri)


def _did_save(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    ls.file_changed(params.text_document.uri)


def _did_open_notebook(ls: Server, params: types.DidOpenNotebookDocumentParams) -> None:
    for cell in params.cell_text_documents:
        _open(ls, cell)
    opened = params.notebook_document
    ls.notebooks.open(opened.uri, [cell.document for cell in opened.cells])


def _did_change_notebook(ls: Server, params: types.DidChangeNotebookDocumentParams) -> None:
    notebook, cells = params.notebook_document.uri, params.change.cells
    if cells is None:
        return
    if (structure := cells.structure) is not None:
        array = structure.array
        ls.notebooks.splice(notebook, array.start, array.delete_count, [cell.document for cell in array.cells or ()])
        for opened in structure.did_open or ():
            _open(ls, opened)
        for closed in structure.did_close or ():
            ls.close(closed.uri)
    for edited in cells.text_content or ():
        changes = [translation.change(event) for event in edited.changes]
        ls.edit(edited.document.uri, edited.document.version, changes)


def _did_close_notebook(ls: Server, params: types.DidCloseNotebookDocumentParams) -> None:
    for cell in params.cell_text_documents:
        ls.close(cell.uri)
    ls.notebooks.close(params.notebook_document.uri)


def _inline_completion(ls: Server, params: InlineCompletionParams) -> Any:
    selected = params.context.selected_completion_info
    asked = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
    uri, place = params.text_document.uri, translation.position(params.position)
    document = ls.documents.get(uri)
    version = None if document is None else document.version
    ls.shows_inline = True
    answer = ls.request(uri, place, asked=asked, version=params.text_document.version, selected=selected)

    def wrap(answer: Answer) -> types.InlineCompletionList:
        if params.formatting_options is not None:
            answer = translation.indented(answer, params.position, params.formatting_options)
        if selected is None:
            ls.show(uri, version, place, answer, asked=asked)
        items = translation.inline_items(answer, params.position, selected)
        if params.partial_result_token is None:
            return types.InlineCompletionList(items)
        workspace.send_partial_result(ls, params.partial_result_token, items)
        return types.InlineCompletionList([])

    return _then(answer, wrap)


def _completion(ls: Server, params: types.CompletionParams) -> Any:
    uri, place = params.text_document.uri, translation.position(params.position)
    document = ls.documents.get(uri)
    if ls.shows_inline or document is None:
        return types.CompletionList(is_incomplete=True, items=[])
    version = document.version
    start, word = document.word_before(place)
    range_ = types.Range(types.Position(start.line, start.character), params.position)

    def wrap(answer: Answer) -> types.CompletionList:
        ls.show(uri, version, place, answer, asked=False)
        return translation.completion_items(answer, range_, word)

    return _then(ls.request(uri, place, asked=False), wrap)


def _status(ls: Server, _: Any) -> dict[str, Any]:
    return status(ls)


def _told(ls: Server, _: Any) -> None:
    """Pass over what a client tells of suggestions and saved notebooks: it is read off the edits, or not needed."""


def _then(answer: AnswerFuture, wrap: Callable[[Answer], Any]) -> Any:
    """Return the wrapped answer if it is there, else a future of it; cancelling that cancels the request for it."""
    if answer.done() and not answer.cancelled():
        return wrap(answer.result())  # at once: every turn of the event loop costs a sleepy processor a tenth of a ms
    wrapped: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def forward(done: AnswerFuture) -> None:
        if wrapped.done():
            return
        try:
            wrapped.set_result(wrap(done.result()))
        except Exception as error:  # noqa: BLE001  # a request that fails is answered as well
            wrapped.set_exception(error)

    def withdraw(done: asyncio.Future[Any]) -> None:
        if done.cancelled():
            answer.cancel()

    answer.add_done_callback(lambda done: None if done.cancelled() else forward(done))
    wrapped.add_done_callback(withdraw)
    return wrapped
