"""pygls's protocol, hardened: every request gets one answer, nothing reaches a handler that LSP does not allow there.

Only what pygls leaves out or does otherwise stands here; each override says which. Checked by
tests/server/test_protocol.py, because some of these are private names of pygls 2.1.
Knows nothing of documents or suggestions; what it must tell the server goes through two callbacks.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

from foretype.server.extensions import message_type
from foretype.server.framing import frame
from foretype.server.greeting import reduced

if TYPE_CHECKING:
    from cattrs import Converter
    from pygls.lsp.server import LanguageServer

_log = logging.getLogger(__name__)

MessageId = str | int

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002

# Foretype keeps its own documents, so pygls's mirror of them is not fed.
_OWN_DOCUMENTS = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
)


class Protocol(LanguageServerProtocol):
    """Translate between JSON and handlers."""

    def __init__(self, server: LanguageServer, converter: Converter) -> None:
        """Register pygls's own handlers, save those of documents."""
        self._initialized = False
        self.exit_code: int | None = None
        """Set by `exit`: 0 after a `shutdown`, otherwise 1."""
        self.on_rejected: Callable[[str, dict[str, Any]], None] | None = None
        """Called with the method and content of each notification that is dropped because it is malformed."""
        self.answered: MessageId | None = None
        """The id of a request that somebody else has answered; our own answer to it is not sent."""
        super().__init__(server, converter)
        for method in _OWN_DOCUMENTS:
            self.fm.builtin_features.pop(method, None)

    @property
    def was_shut_down(self) -> bool:
        """Whether the client has asked for a shutdown."""
        return bool(self._shutdown)

    def receive(self, body: bytes) -> None:
        """Handle the body of one message; whatever is in it, nothing is raised but SystemExit on `exit`."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            self._refuse(None, PARSE_ERROR, f"not JSON: {type(error).__name__}")
            return
        if (problem := _envelope_problem(message)) is not None:
            self._refuse(_answerable_id(message), INVALID_REQUEST, problem)
        elif "method" in message and not self._may_handle(message):
            return
        else:
            self._dispatch(message)

    def get_message_type(self, method: str) -> type[Any] | None:  # type: ignore[override]  # theirs is cached
        """Return the type of a message; some carry more than LSP says."""
        return message_type(method) or super().get_message_type(method)

    def abandon(self) -> None:
        """Cancel all that waits, on either side, for a client that is gone."""
        for future in list(self._request_futures.values()):
            future.cancel()

    def structure_message(self, data: dict[str, Any]) -> dict[str, Any]:
        """Leave nested objects alone: pygls would take any that has a `jsonrpc` key for a message."""
        return data

    def lsp_exit(self, *_: Any) -> None:  # type: ignore[override]  # no generator: it yields to nobody
        """Leave with the code that LSP asks for; pygls's reader swallows it."""
        self.exit_code = 0 if self._shutdown else 1
        raise SystemExit(self.exit_code)

    lsp_exit.method_name = types.EXIT  # type: ignore[attr-defined]

    def lsp_shutdown(self, *_: Any) -> None:  # type: ignore[override]  # the same
        """Cancel what still runs; pygls changes the dictionary that it walks through."""
        self._shutdown = True
        if (handler := self.fm.features.get(types.SHUTDOWN)) is not None:
            handler(None)
        for identifier, future in list(self._request_futures.items()):
            if identifier != self.msg_id and not future.done():
                future.cancel()

    lsp_shutdown.method_name = types.SHUTDOWN  # type: ignore[attr-defined]

    def _may_handle(self, message: dict[str, Any]) -> bool:
        """Tell whether the server's phase and features admit the message; answer a request that they do not."""
        method, is_request = message["method"], "id" in message
        refusal: tuple[int, str] | None = None
        if self._shutdown and method != types.EXIT:
            refusal = INVALID_REQUEST, "the server is shutting down"
        elif not self._initialized and method not in (types.INITIALIZE, types.EXIT):
            refusal = NOT_INITIALIZED, "the server is not initialized"
        elif self._initialized and method == types.INITIALIZE:
            refusal = INVALID_REQUEST, "the server is already initialized"
        elif is_request != _is_request_method(method, default=is_request):
            refusal = INVALID_REQUEST, f"{method} is a {'notification' if is_request else 'request'}"
        elif is_request and not self._knows(method):
            refusal = METHOD_NOT_FOUND, f"no such method: {method}"
        if refusal is not None and is_request:
            self._refuse(message["id"], *refusal)
        return refusal is None and (is_request or self._knows(method))

    def _knows(self, method: str) -> bool:
        return method == types.CANCEL_REQUEST or method in self.fm.builtin_features or method in self.fm.features

    def _dispatch(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if method is not None:
            message.setdefault("params", None)
        if method == types.TEXT_DOCUMENT_DID_CHANGE:
            _drop_null_ranges(message["params"])
        try:
            structured: Any = LanguageServerProtocol.structure_message(self, message)
        except JsonRpcException as error:
            if method == types.INITIALIZE and message.get("id") == self.answered is not None:
                _log.warning("the client's capabilities are malformed; only what was answered holds")
                self._dispatch({**message, "params": reduced(message["params"])})
                return
            self._reject(message, error.CODE if error.CODE != INTERNAL_ERROR else INVALID_PARAMS)
            return
        if method == types.INITIALIZE:
            self._initialized = True
        self.handle_message(structured)

    def _reject(self, message: dict[str, Any], code: int) -> None:
        method = message.get("method")
        if method is None:
            _log.warning("dropped a malformed response")
        elif "id" in message:
            self._refuse(message["id"], code, f"the parameters of {method} are not valid")
        else:
            _log.warning("dropped a malformed %s", method)
            if self.on_rejected is not None:
                self.on_rejected(method, message)

    def _execute_handler(self, msg_id: MessageId, *args: Any, **options: Any) -> None:
        """Call a handler; pygls keeps the futures of its own notifications, `$/setTrace` for one, for ever."""
        super()._execute_handler(msg_id, *args, **options)
        if (future := self._request_futures.get(msg_id)) is not None and future.done():
            del self._request_futures[msg_id]

    def _send_handler_result(self, future: Future[Any], *, msg_id: MessageId) -> None:
        """Answer a request, later if its handler returned a future; pygls would try to serialise that."""
        if not future.cancelled() and future.exception() is None:
            result = future.result()
            if isinstance(result, asyncio.Future):
                self._request_futures[msg_id] = result  # type: ignore[assignment]  # cancelled the same way
                result.add_done_callback(partial(self._send_handler_result, msg_id=msg_id))
                return
        elif not future.cancelled() and not isinstance(future.exception(), JsonRpcException):
            # pygls would send the traceback, and with it paths, to the client
            _log.error("a request failed", exc_info=future.exception())
            self._request_futures.pop(msg_id, None)
            self._refuse(msg_id, INTERNAL_ERROR, "the server failed; its log has the details")
            return
        super()._send_handler_result(future, msg_id=msg_id)

    def _handle_cancel_notification(self, msg_id: MessageId) -> None:
        """Cancel a request that is still waiting; one that was answered already needs no warning."""
        if (future := self._request_futures.get(msg_id)) is not None:
            future.cancel()

    def _send_data(self, data: Any) -> None:
        """Write one message; what cannot be serialised becomes an error answer instead of silence."""
        if not data or self.writer is None or self._is_answered(data):
            return
        try:
            body = json.dumps(data, default=self._serialize_message, separators=(",", ":"), ensure_ascii=True)
        except (TypeError, ValueError, AttributeError):
            _log.exception("a message could not be serialised")
            if (identifier := getattr(data, "id", None)) is not None:
                self._refuse(identifier, INTERNAL_ERROR, "the answer could not be serialised")
            return
        content = body.encode()
        self.writer.write(frame(content) if self._include_headers else content)

    def _is_answered(self, data: Any) -> bool:
        """Tell, once, whether this is our answer to what was answered already."""
        if self.answered is None or getattr(data, "method", None) is not None:
            return False
        identifier = data.get("id") if isinstance(data, dict) else getattr(data, "id", None)
        if identifier != self.answered:
            return False
        self.answered = None
        return True

    def _refuse(self, identifier: MessageId | None, code: int, message: str) -> None:
        self._send_data({"jsonrpc": "2.0", "id": identifier, "error": {"code": code, "message": message}})


def _envelope_problem(message: Any) -> str | None:
    """Say what makes this no JSON-RPC 2.0 message, None if nothing does. Source: JSON-RPC 2.0, section 4."""
    if not isinstance(message, dict):
        return "a message must be an object"
    if message.get("jsonrpc") != "2.0":
        return "jsonrpc must be '2.0'"
    if "method" in message and not isinstance(message["method"], str):
        return "method must be a string"
    if "method" in message and "id" in message and not _is_id(message["id"]):
        return "id must be a string or a whole number"
    if "method" not in message and "result" not in message and "error" not in message:
        return "a message needs a method, a result or an error"
    return None


def _drop_null_ranges(params: Any) -> None:
    """Take `"range": null`, which some clients send with a whole text, for what it means: no range."""
    changes = params.get("contentChanges") if isinstance(params, dict) else None
    for change in changes if isinstance(changes, list) else ():
        if isinstance(change, dict) and change.get("range", ...) is None:
            del change["range"]


def _is_id(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))


def _answerable_id(message: Any) -> MessageId | None:
    identifier = message.get("id") if isinstance(message, dict) else None
    return identifier if _is_id(identifier) else None


def _is_request_method(method: str, *, default: bool) -> bool:
    """Tell whether LSP defines `method` as a request; `default` for methods it does not define."""
    known = types.METHOD_TO_TYPES.get(method)
    return default if known is None else known[1] is not None
