"""The protocol: every request gets exactly one answer with the right code, whatever was sent.

Also the guard of the private pygls names that protocol.py overrides.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.conftest import network_alone

from foretype.model.engine import Engine
from foretype.server.app import Server
from foretype.server.framing import bodies

URI = "file:///project/names.py"
ASK = {
    "textDocument": {"uri": URI},
    "position": {"line": 0, "character": 4},
    "context": {"triggerKind": 1},
}


class Wire:
    """Talk to a server in this process."""

    def __init__(self, engine: Engine) -> None:
        self.server = Server("0", lambda: engine, parent_gone=lambda: None)
        self._written = bytearray()
        self.server.protocol.set_writer(self)
        self._last_id = 0

    def write(self, content: bytes) -> None:
        self._written += content

    def close(self) -> None:
        pass

    def send(self, message: object) -> None:
        self.server.protocol.receive(message if isinstance(message, bytes) else json.dumps(message).encode())

    def notify(self, method: str, params: object) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def messages(self) -> list[dict[str, Any]]:
        """Return what was written since the last call."""
        pieces = iter([bytes(self._written)])
        self._written.clear()
        return [json.loads(body) for body in bodies(lambda: next(pieces, b""))]

    async def request(self, method: str, params: object = None) -> dict[str, Any]:
        self._last_id += 1
        self.send({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        return await self.answer(self._last_id)

    async def answer(self, identifier: object) -> dict[str, Any]:
        for _ in range(500):
            for message in self.messages():
                if message.get("id") == identifier:
                    return message
            await asyncio.sleep(0.01)
        raise AssertionError(f"request {identifier!r} was not answered")

    async def initialize(self, text_document: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
        capabilities = {"textDocument": {"inlineCompletion": {}} if text_document is None else text_document}
        answer = await self.request(
            "initialize", {"processId": None, "rootUri": None, "capabilities": capabilities, **params}
        )
        self.notify("initialized", {})
        return answer

    def open(self, text: str, uri: str = URI) -> None:
        document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, changes: list[Any], version: Any = 2, uri: str = URI) -> None:
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})


@pytest.fixture
async def wire(learnt_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("foretype.model.mixture.shipped", network_alone)
    wire = Wire(learnt_engine)
    await wire.initialize()
    wire.open("def ")
    wire.messages()
    yield wire
    wire.server.suggestions.stop()


@pytest.fixture
def fresh(learnt_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    monkeypatch.setattr("foretype.model.mixture.shipped", network_alone)
    wire = Wire(learnt_engine)
    yield wire
    wire.server.suggestions.stop()


async def ask_code(wire: Wire, message: dict[str, Any]) -> int | None:
    wire.send({"jsonrpc": "2.0", "id": "x", **message})
    error = (await wire.answer("x")).get("error")
    return None if error is None else int(error["code"])


async def test_inline_completion_is_always_announced_and_completion_only_in_its_absence(
    fresh: Wire, tiny_engine: Engine
) -> None:
    capabilities = (await fresh.initialize(text_document={}))["result"]["capabilities"]
    assert capabilities["inlineCompletionProvider"] is not None
    assert capabilities["completionProvider"] is not None
    with_inline = Wire(tiny_engine)
    capabilities = (await with_inline.initialize())["result"]["capabilities"]
    assert capabilities["inlineCompletionProvider"] is not None
    assert "completionProvider" not in capabilities


@pytest.mark.parametrize(
    ("offered", "agreed"),
    [(["utf-8", "utf-16"], "utf-8"), (["utf-32", "utf-8"], "utf-32"), (["utf-16"], "utf-16"), (None, "utf-16")],
)
async def test_the_unit_of_positions_is_the_first_that_the_client_offers(
    fresh: Wire, offered: list[str] | None, agreed: str
) -> None:
    general = {} if offered is None else {"positionEncodings": offered}
    answer = await fresh.initialize(capabilities={"general": general})
    assert answer["result"]["capabilities"]["positionEncoding"] == agreed
    assert fresh.server.documents.encoding == agreed


async def test_a_suggestion_comes_with_its_range_at_the_caret(wire: Wire) -> None:
    answer = await wire.request("textDocument/inlineCompletion", ASK)
    items = answer["result"]["items"]
    assert items[0]["insertText"]
    caret = {"line": 0, "character": 4}
    assert all(item["range"] == {"start": caret, "end": caret} for item in items)


async def test_an_explicit_request_gets_several_items_and_an_automatic_one_at_most_one(wire: Wire) -> None:
    automatic = {**ASK, "context": {"triggerKind": 2}}
    assert len((await wire.request("textDocument/inlineCompletion", ASK))["result"]["items"]) >= 1
    assert len((await wire.request("textDocument/inlineCompletion", automatic))["result"]["items"]) <= 1


async def test_a_request_sees_the_document_as_it_was_when_it_was_sent(wire: Wire) -> None:
    wire.change([{"text": "for name in na"}], version=2)
    wire.send(
        {
            "jsonrpc": "2.0",
            "id": 1000,
            "method": "textDocument/inlineCompletion",
            "params": {**ASK, "position": {"line": 0, "character": 14}},
        }
    )
    wire.change([{"text": "nothing of the kind"}], version=3)
    answer = await wire.answer(1000)
    assert answer["result"]["items"][0]["insertText"].startswith("mes")


async def test_an_item_continues_the_entry_selected_in_the_menu(wire: Wire) -> None:
    wire.change([{"text": "for name in n"}])
    start, caret = {"line": 0, "character": 12}, {"line": 0, "character": 13}
    selected = {"range": {"start": start, "end": caret}, "text": "names"}
    answer = await wire.request(
        "textDocument/inlineCompletion",
        {**ASK, "position": caret, "context": {"triggerKind": 1, "selectedCompletionInfo": selected}},
    )
    item = answer["result"]["items"][0]
    assert item["insertText"].startswith("names:")
    assert item["range"] == selected["range"]


async def test_a_client_without_inline_completion_gets_one_modest_completion_item(fresh: Wire) -> None:
    await fresh.initialize(text_document={}, initializationOptions={"eagerness": 1.0})
    fresh.open("for name in na")
    answer = await fresh.request(
        "textDocument/completion", {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 14}}
    )
    (item,) = answer["result"]["items"]
    assert item["textEdit"]["newText"].startswith("mes")
    assert item["preselect"] is False
    assert item["sortText"] > "zzz"


async def test_a_newer_request_is_answered_after_the_one_it_overtakes(wire: Wire) -> None:
    for number in range(5):
        wire.send({"jsonrpc": "2.0", "id": number + 100, "method": "textDocument/inlineCompletion", "params": ASK})
    order: list[dict[str, Any]] = []
    while len(order) < 5:
        await asyncio.sleep(0.01)
        order += wire.messages()
    assert [message["id"] for message in order] == [100, 101, 102, 103, 104]
    assert all(message["result"] == {"items": []} for message in order[:4])
    assert order[4]["result"]["items"]


async def test_a_cancelled_request_is_answered_as_cancelled(wire: Wire) -> None:
    wire.send({"jsonrpc": "2.0", "id": 50, "method": "textDocument/inlineCompletion", "params": ASK})
    wire.notify("$/cancelRequest", {"id": 50})
    assert (await wire.answer(50))["error"]["code"] == -32800
    assert (await wire.request("textDocument/inlineCompletion", ASK))["result"]["items"]


@pytest.mark.parametrize(
    "params",
    [
        {**ASK, "textDocument": {"uri": "file:///never/opened.py"}},
        {**ASK, "position": {"line": 999, "character": 999}},
    ],
)
async def test_what_cannot_be_answered_with_a_suggestion_is_answered_with_none(
    wire: Wire, params: dict[str, Any]
) -> None:
    assert "items" in (await wire.request("textDocument/inlineCompletion", params))["result"]


async def test_switched_off_in_the_settings_the_server_is_silent(wire: Wire) -> None:
    wire.notify("workspace/didChangeConfiguration", {"settings": {"foretype": {"enabled": False}}})
    assert (await wire.request("textDocument/inlineCompletion", ASK))["result"] == {"items": []}


async def test_wrong_settings_are_told_once_and_the_server_works(wire: Wire) -> None:
    for _ in range(3):
        wire.notify("workspace/didChangeConfiguration", {"settings": {"foretype": {"eagerness": "much", "x": 1}}})
    (message,) = wire.messages()
    assert message["method"] == "window/showMessage"
    assert "eagerness" in message["params"]["message"]
    assert (await wire.request("textDocument/inlineCompletion", ASK))["result"]["items"]


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
        ({"method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}}, -32600),
        ({"method": "textDocument/didOpen", "params": {}}, -32600),
        ({"method": 5, "params": {}}, -32600),
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
