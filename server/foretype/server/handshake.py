"""The first message of a client, `initialize`, where a token travels in it.

A bridge puts the token in, a daemon takes it out, so that whatever reads the message afterwards never sees it.
Knows nothing of LSP's types: a bridge starts faster without them.
"""

from __future__ import annotations

import json
from typing import Any

from foretype.server.access import Token

_INVALID_REQUEST = -32600
_TOKEN_KEY = "token"  # noqa: S105  # the name of the field, not a secret


class WrongTokenError(Exception):
    """Raised when a client shows no token or another one; `answer` is the body of what to tell it."""

    def __init__(self, message: object) -> None:
        """Refuse `message`."""
        super().__init__("wrong token")
        identifier = message.get("id") if isinstance(message, dict) else None
        answerable = isinstance(identifier, str | int) and not isinstance(identifier, bool)
        error = {"code": _INVALID_REQUEST, "message": "wrong token"}
        refusal = {"jsonrpc": "2.0", "id": identifier if answerable else None, "error": error}
        self.answer = json.dumps(refusal).encode()


def admit(body: bytes, token: Token | None) -> bytes:
    """Return a socket client's first message as the server may see it; raise WrongTokenError if it must not.

    Without a `token` every client is admitted. The client's process is forgotten: it may be one of another machine, and
    the end of the connection tells as much.
    """
    message = _parse(body)
    params = _initialize_params(message)
    options = None if params is None else params.get("initializationOptions")
    offered = options.pop(_TOKEN_KEY, None) if isinstance(options, dict) else None
    if token is not None and not token.is_same(offered):
        raise WrongTokenError(message)
    if params is None:
        return body
    params["processId"] = None
    return _encoded(message)


def with_token(body: bytes, token: Token) -> bytes:
    """Return an editor's first message with the token in it; what is no `initialize` stays as it is."""
    message = _parse(body)
    params = _initialize_params(message)
    if params is None:
        return body
    options = params.get("initializationOptions")
    if options is None or isinstance(options, dict):
        params["initializationOptions"] = {**(options or {}), _TOKEN_KEY: token.text}
    return _encoded(message)


def process_of(body: bytes) -> int | None:
    """Return the process that an editor's first message names as its own."""
    params = _initialize_params(_parse(body)) or {}
    process_id = params.get("processId")
    return process_id if isinstance(process_id, int) and process_id > 0 else None


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _initialize_params(message: Any) -> dict[str, Any] | None:
    if not isinstance(message, dict) or message.get("method") != "initialize":
        return None
    params = message.get("params")
    return params if isinstance(params, dict) else None


def _encoded(message: Any) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()
