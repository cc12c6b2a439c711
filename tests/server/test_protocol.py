"""The protocol: every request gets exactly one answer with the right code, whatever was sent.

Also the guard of the private pygls names that protocol.py overrides.
"""

from __future__ import annotations

import asyncio
import json
import math
from typing import Any

import pytest
from tests.server.wire import ASK, URI, Wire


async def ask_code(wire: Wire, message: dict[str, Any]) -> int | None:
    wire.send({"jsonrpc": "2.0", "id": "x", **message})
    error = (await wire.answer("x")).get("error")
    return None if error is None else int(error["code"])


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"method": "foo/bar", "params": {}}, -32601),
        ({"method": "foo/bar"}, -32601),
        ({"method": "$/foo"}, -32601),
        ({"method": "textDocument/hover", "params": ASK}, -32601),
        ({"method": "textDocument/inlineCompletion"}, -32602),
        ({"method": "textDocument/inlineCompletion", "params": {}}, -32602),
        ({"method": "textDocument/inlineCompletion", "params": []}, -32602),
        ({"method": "textDocument/inlineCompletion", "params": {**ASK, "position": {"line": "1"}}}, -32602),
        (
            {
                "method": "textDocument/inlineCompletion",
                "params": {**ASK, "position": {"line": -1, "character": 0}},
            },
            -32602,
        ),
        (
            {
                "method": "textDocument/inlineCompletion",
                "params": {**ASK, "position": {"line": 2**32, "character": 0}},
            },
            -32602,
        ),
        ({"method": "textDocument/inlineCompletion", "params": {**ASK, "context": {"triggerKind": 0}}}, -32602),
        (
            {"method": "textDocument/inlineCompletion", "params": {k: ASK[k] for k in ("textDocument", "position")}},
            -32602,
        ),
        (
            {
                "method": "textDocument/inlineCompletion",
                "params": {**ASK, "position": {"line": math.nan, "character": math.inf}},
            },
            -32602,
        ),
        ({"method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}}, -32600),
        ({"method": "textDocument/didOpen", "params": {}}, -32600),
        ({"method": 5, "params": {}}, -32600),
        ({"jsonrpc": None, "method": "textDocument/inlineCompletion", "params": ASK}, -32600),
        ({"jsonrpc": "1.0", "method": "textDocument/inlineCompletion", "params": ASK}, -32600),
        ({"method": "workspace/executeCommand", "params": {"command": "nope"}}, -32602),
        (
            {
                "method": "workspace/executeCommand",
                "params": {"command": "x", "arguments": [{"jsonrpc": "2.0", "method": "y"}]},
            },
            -32602,
        ),
    ],
)
async def test_a_wrong_request_is_answered_with_the_right_code(wire: Wire, message: dict[str, Any], code: int) -> None:
    assert await ask_code(wire, message) == code
    assert await ask_code(wire, {"method": "textDocument/inlineCompletion", "params": ASK}) is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{not json", -32700),
        (b"", -32700),
        (b'{"jsonrpc":"2.0","id":7,"method":"x\xff\xfe"}', -32700),
        (b"[" * 100_000 + b"]" * 100_000, -32700),
        (b"{}", -32600),
        (b"42", -32600),
        (b"null", -32600),
        (b'[{"jsonrpc":"2.0","id":7,"method":"shutdown"}]', -32600),
        (b'{"jsonrpc":"2.0","id":null,"method":"shutdown"}', -32600),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"shutdown"}', -32600),
        (b'{"jsonrpc":"2.0","id":{},"method":"shutdown"}', -32600),
        (b'{"jsonrpc":"2.0","id":true,"method":"shutdown"}', -32600),
    ],
)
async def test_what_is_no_message_is_answered_without_an_id(wire: Wire, body: bytes, code: int) -> None:
    wire.send(body)
    (answer,) = wire.messages()
    assert answer["error"]["code"] == code
    assert answer["id"] is None
    assert (await wire.request("textDocument/inlineCompletion", ASK))["result"]["items"]


@pytest.mark.parametrize(
    "message",
    [
        {"method": "foo/bar", "params": {}},
        {"method": "foo/bar"},
        {"method": "$/cancelRequest", "params": {"id": 12345}},
        {"method": "$/cancelRequest"},
        {"method": "textDocument/didClose", "params": {"textDocument": {"uri": "file:///q.py"}}},
        {"method": "textDocument/didChange"},
        {"method": "textDocument/didSave", "params": {"textDocument": {"uri": URI}}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/inlineCompletion", "params": ASK},
        {"id": "nope", "result": None},
        {"id": "nope", "error": {"code": 1, "message": "x"}},
    ],
)
async def test_a_useless_notification_or_response_is_passed_over_in_silence(
    wire: Wire, message: dict[str, Any]
) -> None:
    wire.send({"jsonrpc": "2.0", **message})
    await asyncio.sleep(0)
    assert wire.messages() == []
    assert (await wire.request("textDocument/inlineCompletion", ASK))["result"]["items"]


async def test_before_initialize_requests_are_refused_and_notifications_dropped(fresh: Wire) -> None:
    assert await ask_code(fresh, {"method": "textDocument/inlineCompletion", "params": ASK}) == -32002
    fresh.open("def ")
    assert fresh.server.documents.get(URI) is None


async def test_after_shutdown_requests_are_refused_and_exit_leaves_with_0(wire: Wire) -> None:
    assert (await wire.request("shutdown"))["result"] is None
    assert await ask_code(wire, {"method": "textDocument/inlineCompletion", "params": ASK}) == -32600
    with pytest.raises(SystemExit) as leaving:
        wire.notify("exit", None)
    assert leaving.value.code == 0


async def test_shutdown_cancels_what_still_waits(wire: Wire) -> None:
    uris = [f"file:///{number}.py" for number in range(20)]
    for number, uri in enumerate(uris):
        wire.open("def ", uri)
        params = {**ASK, "textDocument": {"uri": uri}}
        wire.send({"jsonrpc": "2.0", "id": f"w{number}", "method": "textDocument/inlineCompletion", "params": params})
    wire.send({"jsonrpc": "2.0", "id": "bye", "method": "shutdown", "params": None})
    answered: set[str] = set()
    for _ in range(200):
        answered |= {message["id"] for message in wire.messages()}
        await asyncio.sleep(0.01)
        if len(answered) == 21:
            break
    assert answered == {"bye", *(f"w{number}" for number in range(20))}


async def test_exit_without_shutdown_leaves_with_1(wire: Wire) -> None:
    with pytest.raises(SystemExit) as leaving:
        wire.notify("exit", None)
    assert leaving.value.code == 1


RANGE = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}


async def test_edits_reach_the_document_in_order(wire: Wire) -> None:
    wire.change([{"range": RANGE, "text": "a"}, {"range": RANGE, "text": "b"}])
    document = wire.server.documents.get(URI)
    assert document is not None
    assert (document.text, document.version) == ("badef ", 2)


async def test_a_null_range_means_the_whole_text(wire: Wire) -> None:
    wire.change([{"range": None, "text": "whole"}])
    document = wire.server.documents.get(URI)
    assert document is not None
    assert document.text == "whole"


@pytest.mark.parametrize(
    ("changes", "version"),
    [([{"range": "bad", "text": "x"}], 2), ([{"range": RANGE}], 2), ([{"range": RANGE, "text": "x"}], "two"), (3, 2)],
)
async def test_after_an_edit_that_was_lost_nothing_is_suggested_until_the_text_is_known_again(
    wire: Wire, changes: Any, version: Any
) -> None:
    wire.change(changes, version)
    assert wire.messages() == []
    assert (await wire.request("textDocument/inlineCompletion", ASK))["result"] == {"items": []}
    wire.change([{"text": "def "}], version=3)
    assert (await wire.request("textDocument/inlineCompletion", ASK))["result"]["items"]


async def test_an_edit_of_a_document_never_opened_is_logged_and_changes_nothing(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    wire.change([{"text": "x"}], uri="file:///never.py")
    assert wire.messages() == []
    assert "never opened" in caplog.text
    assert wire.server.documents.get("file:///never.py") is None


async def test_a_defect_in_a_handler_is_answered_without_a_traceback(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire.server, "request", lambda *_, **__: 1 / 0)
    answer = await wire.request("textDocument/inlineCompletion", ASK)
    assert answer["error"]["code"] == -32603
    assert "Traceback" not in json.dumps(answer)
    assert "ZeroDivision" not in json.dumps(answer)


async def test_a_defect_in_a_notification_raises_no_popup(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire.server.documents, "change", lambda *_: 1 / 0)
    wire.change([{"text": "x"}])
    assert wire.messages() == []


async def test_the_parent_is_watched_when_the_client_names_it(fresh: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    watched: list[int] = []
    monkeypatch.setattr("foretype.server.parent.watch", lambda process_id, _: watched.append(process_id))
    await fresh.initialize(processId=4711)
    assert watched == [4711]
