"""What a client says of the folders it works in, and what it can be asked to tell and to show.

Translates between LSP and paths; does nothing of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path


def folders(params: types.InitializeParams) -> list[Path]:
    """Return the folders that a client opens, however old the way in which it names them."""
    if params.workspace_folders:
        return paths(params.workspace_folders)
    root = (to_fs_path(params.root_uri) if params.root_uri else None) or params.root_path
    return [Path(root)] if root else []


def paths(named: Sequence[types.WorkspaceFolder]) -> list[Path]:
    """Return the paths of folders that are on a disk."""
    return [Path(path) for folder in named if (path := to_fs_path(folder.uri))]


def watch_files(server: LanguageServer) -> None:
    """Ask the client to tell of files that change outside of it, if it can."""
    capabilities = server.client_capabilities.workspace
    watched = capabilities.did_change_watched_files if capabilities else None
    if watched is None or not watched.dynamic_registration:
        return
    options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher("**/*")])
    registration = types.Registration("foretype-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
    _in_background(server.client_register_capability_async(types.RegistrationParams([registration])))


def ask_settings(
    server: LanguageServer, use: Callable[[object], None], settled: Callable[[], None] = lambda: None
) -> None:
    """Ask the client for our settings, if it can tell them; what it does not know leaves them as they are.

    `settled` is called once the client has answered, or at once if there is nothing to wait for.
    """
    capabilities = server.client_capabilities.workspace
    if capabilities is not None and capabilities.configuration:
        _in_background(_ask_settings(server, use, settled))
    else:
        settled()


async def _ask_settings(server: LanguageServer, use: Callable[[object], None], settled: Callable[[], None]) -> None:
    items = [types.ConfigurationItem(section="foretype")]
    with suppress(JsonRpcException):
        answer: Any = await server.workspace_configuration_async(types.ConfigurationParams(items))
        if isinstance(answer, list | tuple) and len(answer) == 1 and answer[0] is not None:
            use(answer[0])
    settled()


def send_partial_result(server: LanguageServer, token: int | str, value: object) -> None:
    """Send a part of a result on its own, as a client that gave a token for it wants."""
    server.protocol.notify(types.PROGRESS, types.ProgressParams(token, value))


def report(server: LanguageServer, title: str, work: asyncio.Future[None]) -> None:
    """Let the client show that `work` is being done, if it can."""
    window = server.client_capabilities.window
    if window is not None and window.work_done_progress:
        _in_background(_report(server, title, work))


async def _report(server: LanguageServer, title: str, work: asyncio.Future[None]) -> None:
    token = str(uuid4())
    await server.work_done_progress.create_async(token)
    server.work_done_progress.begin(token, types.WorkDoneProgressBegin(title=title))
    try:
        await asyncio.wait([work])
    finally:
        server.work_done_progress.end(token, types.WorkDoneProgressEnd())


_running: set[asyncio.Task[object]] = set()
"""Tasks in the background: the event loop itself keeps no hold on them."""


def _in_background(work: Coroutine[Any, Any, object]) -> None:
    task: asyncio.Task[object] = asyncio.ensure_future(work)
    _running.add(task)
    task.add_done_callback(_finished)


def _finished(task: asyncio.Task[object]) -> None:
    _running.discard(task)
    if not task.cancelled():
        task.exception()  # a client that refuses is asked no more
