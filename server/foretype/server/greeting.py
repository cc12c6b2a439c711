"""Answer a client's first message before the server itself is there: its imports take half a second.

What is said here is exactly what the server would say (a test compares them), and only to an `initialize` that leaves
no doubt; any other first message waits for the server. Imports nothing but the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

_ENCODINGS = ("utf-8", "utf-16", "utf-32")
_TRACES = ("off", "messages", "verbose")
_INCREMENTAL = 2


def answer(body: bytes, version: str) -> tuple[int | str, bytes] | None:
    """Return the id of a plain `initialize` and the body that answers it, None for any other message."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not _is_plain(message):
        return None
    result = {
        "capabilities": _capabilities(message["params"]["capabilities"]),
        "serverInfo": {"name": "foretype", "version": version},
    }
    answered = {"id": message["id"], "jsonrpc": "2.0", "result": result}
    return message["id"], json.dumps(answered, separators=(",", ":")).encode()


def reduced(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a plain `initialize` that its answer rests on, without what may be malformed deep down."""
    client = params["capabilities"]
    inline = _get(client, "textDocument", "inlineCompletion")
    text_document: dict[str, Any] = {} if inline is None else {"inlineCompletion": {}}
    return {
        **{name: value for name, value in params.items() if name != "clientInfo"},
        "capabilities": {"textDocument": text_document, "general": {"positionEncodings": [_encoding(client)]}},
    }


def _is_plain(message: Any) -> bool:
    """Tell whether this is an `initialize` whose every part that matters has the type that LSP gives it."""
    if not isinstance(message, dict) or set(message) != {"jsonrpc", "id", "method", "params"}:
        return False
    identifier, params = message["id"], message["params"]
    if message["jsonrpc"] != "2.0" or message["method"] != "initialize" or not isinstance(params, dict):
        return False
    if isinstance(identifier, bool) or not isinstance(identifier, int | str):
        return False
    known = all(name in _PLAIN and _PLAIN[name](value) for name, value in params.items())
    return known and isinstance(params.get("capabilities"), dict)


def _capabilities(client: dict[str, Any]) -> dict[str, Any]:
    sync: dict[str, Any] = {"openClose": True, "change": _INCREMENTAL}
    for unused in ("willSave", "willSaveWaitUntil"):
        if _get(client, "textDocument", "synchronization", unused) is not None:
            sync[unused] = False
    sync["save"] = True
    capabilities: dict[str, Any] = {"positionEncoding": _encoding(client), "textDocumentSync": sync}
    if _get(client, "textDocument", "inlineCompletion") is None:
        capabilities["completionProvider"] = {}
    if _get(client, "notebookDocument") is not None:
        cells = {"notebook": "*", "cells": [{"language": "*"}]}
        capabilities["notebookDocumentSync"] = {"notebookSelector": [cells]}
    return {
        **capabilities,
        "executeCommandProvider": {"commands": []},
        "inlineCompletionProvider": {},
        "workspace": {"workspaceFolders": {"supported": True, "changeNotifications": True}, "fileOperations": {}},
    }


def _encoding(client: dict[str, Any]) -> str:
    offered = _get(client, "general", "positionEncodings")
    named = offered if isinstance(offered, list) else []
    return next((one for one in named if one in _ENCODINGS), "utf-16")


def _get(values: Any, *names: str) -> Any:
    for name in names:
        values = values.get(name) if isinstance(values, dict) else None
    return values


def _is_folders(value: Any) -> bool:
    named = {"uri", "name"}
    return value is None or (
        isinstance(value, list)
        and all(isinstance(one, dict) and set(one) == named and all(map(_is_text, one.values())) for one in value)
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


_PLAIN: dict[str, Callable[[Any], bool]] = {
    "processId": lambda value: value is None or (isinstance(value, int) and not isinstance(value, bool)),
    "clientInfo": lambda value: isinstance(value, dict) and all(map(_is_text, value.values())),
    "locale": _is_text,
    "rootPath": _is_text_or_none,
    "rootUri": _is_text_or_none,
    "initializationOptions": lambda _: True,
    "capabilities": lambda value: isinstance(value, dict),
    "trace": lambda value: value in _TRACES,
    "workDoneToken": lambda value: isinstance(value, int | str) and not isinstance(value, bool),
    "workspaceFolders": _is_folders,
}
