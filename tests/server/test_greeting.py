"""The first answer, given before the server is there, is the one that the server would give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import pytest_lsp
from tests.server.wire import Wire

from foretype.model.engine import Engine
from foretype.server.greeting import answer

CLIENTS = sorted((Path(pytest_lsp.__file__).parent / "clients").glob("*.json"))
CAPABILITIES: list[dict[str, Any]] = [
    {},
    {"textDocument": {"inlineCompletion": {}}},
    {"textDocument": {"inlineCompletion": {"dynamicRegistration": True}, "synchronization": {"willSave": True}}},
    {"textDocument": {"synchronization": {"willSave": False, "willSaveWaitUntil": False}}},
    {"notebookDocument": {"synchronization": {}}},
    {"general": {"positionEncodings": ["utf-32", "utf-8"]}},
    {"general": {"positionEncodings": ["utf-7", "utf-8"]}},
    {"general": {"positionEncodings": []}},
    *[json.loads(path.read_text(encoding="utf-8"))["capabilities"] for path in CLIENTS],
]


def initialize(capabilities: Any, **params: Any) -> dict[str, Any]:
    named = {"processId": None, "rootUri": None, "capabilities": capabilities, **params}
    return {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": named}


def greet(message: object) -> Any:
    answered = answer(json.dumps(message).encode(), "0")
    return None if answered is None else json.loads(answered[1])


def test_the_clients_known_here_are_some() -> None:
    assert len(CLIENTS) >= 3


@pytest.mark.parametrize("capabilities", CAPABILITIES)
async def test_both_answers_are_the_same(tiny_engine: Engine, capabilities: dict[str, Any]) -> None:
    wire = Wire(tiny_engine)
    message = initialize(capabilities)
    wire.send(message)
    assert greet(message) == await wire.answer(1)
    wire.server.stop()


@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "id": 1, "method": "shutdown"},
        {"jsonrpc": "2.0", "method": "initialize", "params": {"capabilities": {}}},
        {**initialize({}), "id": 1.5},
        {**initialize({}), "id": True},
        {**initialize({}), "jsonrpc": "1.0"},
        initialize([]),
        initialize({}, processId="1"),
        initialize({}, workspaceFolders=[{"uri": "file:///a"}]),
        initialize({}, trace="loud"),
        initialize({}, unheard=1),
        [1],
        None,
    ],
)
def test_a_first_message_that_leaves_doubt_waits_for_the_server(message: object) -> None:
    assert greet(message) is None


def test_what_is_no_json_waits_for_the_server() -> None:
    assert answer(b"{", "0") is None


async def test_the_server_does_not_answer_again_what_was_answered(tiny_engine: Engine) -> None:
    wire = Wire(tiny_engine)
    wire.server.protocol.answered = 1
    wire.send(initialize({}))
    wire.send({"jsonrpc": "2.0", "id": 2, "method": "foo/bar"})
    assert [message["id"] for message in await wire.sent(1)] == [2]
    wire.send({"jsonrpc": "2.0", "id": 1, "method": "foo/bar"})
    assert [message["id"] for message in await wire.sent(1)] == [1]
    wire.server.stop()


async def test_a_client_whose_capabilities_are_malformed_deep_down_is_served_as_it_was_greeted(
    tiny_engine: Engine,
) -> None:
    message = initialize({"textDocument": {"inlineCompletion": {}, "completion": {"contextSupport": "yes"}}})
    assert greet(message) is not None
    wire = Wire(tiny_engine)
    wire.server.protocol.answered = 1
    wire.send(message)
    wire.notify("initialized", {})
    assert (await wire.request("foretype/status"))["result"]["model"]["loaded"] in (True, False)
    wire.server.stop()
