"""What a client gets: suggestions in its own terms, at the right time, and the reason for silence on request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import LEARNT_TEXT
from tests.server.wire import ASK, URI, Wire

from foretype.model.engine import Engine
from foretype.model.registry import Registry, memories_dir

INLINE_COMPLETION = "textDocument/inlineCompletion"


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
    answer = await wire.request(INLINE_COMPLETION, ASK)
    items = answer["result"]["items"]
    assert items[0]["insertText"]
    caret = {"line": 0, "character": 4}
    assert all(item["range"] == {"start": caret, "end": caret} for item in items)


async def test_an_explicit_request_gets_several_items_and_an_automatic_one_at_most_one(wire: Wire) -> None:
    automatic = {**ASK, "context": {"triggerKind": 2}}
    assert len((await wire.request(INLINE_COMPLETION, ASK))["result"]["items"]) >= 1
    assert len((await wire.request(INLINE_COMPLETION, automatic))["result"]["items"]) <= 1


async def test_a_request_sees_the_document_as_it_was_when_it_was_sent(wire: Wire) -> None:
    wire.change([{"text": "for name in na"}], version=2)
    wire.send(
        {
            "jsonrpc": "2.0",
            "id": 1000,
            "method": INLINE_COMPLETION,
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
        INLINE_COMPLETION,
        {**ASK, "position": caret, "context": {"triggerKind": 1, "selectedCompletionInfo": selected}},
    )
    item = answer["result"]["items"][0]
    assert item["insertText"].startswith("names:")
    assert item["range"] == selected["range"]


@pytest.mark.parametrize(
    ("before", "word", "encoding", "start"),
    [
        ("for name in na", "na", "utf-16", 12),
        ("for name in ", "", "utf-16", 12),
        ('"😀"; for name in na', "na", "utf-16", 18),
        ('"😀"; for name in na', "na", "utf-8", 20),
    ],
)
async def test_a_client_without_inline_completion_gets_one_entry_that_begins_with_the_word_as_typed(
    fresh: Wire, before: str, word: str, encoding: str, start: int
) -> None:
    general = {"positionEncodings": [encoding]}
    await fresh.initialize(capabilities={"general": general}, initializationOptions={"eagerness": 1.0})
    fresh.open(before)
    caret = {"line": 0, "character": start + len(word)}
    asked = {"textDocument": {"uri": URI}, "position": caret}
    answer = (await fresh.request("textDocument/completion", asked))["result"]
    assert answer["isIncomplete"]
    (item,) = answer["items"]
    assert item["textEdit"]["range"] == {"start": {"line": 0, "character": start}, "end": caret}
    assert item["textEdit"]["newText"].startswith(f"{word}{'names:'.removeprefix(word)}")
    assert item["filterText"] == item["textEdit"]["newText"]
    assert item["label"] == item["textEdit"]["newText"].strip()
    assert item["detail"] == "Foretype"
    assert item["preselect"] is False


async def test_a_client_without_inline_completion_is_asked_to_ask_at_no_character_in_particular(fresh: Wire) -> None:
    capabilities = (await fresh.initialize(text_document={}))["result"]["capabilities"]
    assert capabilities["completionProvider"] == {}


async def test_a_client_that_asks_for_inline_completion_without_claiming_to_gets_nothing_twice(fresh: Wire) -> None:
    await fresh.initialize(text_document={"inlineCompletion": None}, initializationOptions={"eagerness": 1.0})
    fresh.open("for name in na")
    caret = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 14}}
    assert (await fresh.request("textDocument/completion", caret))["result"]["items"]
    inline = await fresh.request(INLINE_COMPLETION, {**caret, "context": {"triggerKind": 2}})
    assert inline["result"]["items"]
    assert (await fresh.request("textDocument/completion", caret))["result"] == {"isIncomplete": True, "items": []}


async def test_what_is_taken_from_a_menu_is_counted(fresh: Wire) -> None:
    await fresh.initialize(text_document={}, initializationOptions={"eagerness": 1.0})
    fresh.open("for name in na")
    caret = {"line": 0, "character": 14}
    asked = {"textDocument": {"uri": URI}, "position": caret}
    (item,) = (await fresh.request("textDocument/completion", asked))["result"]["items"]
    edit = item["textEdit"]
    fresh.change([{"range": edit["range"], "text": edit["newText"]}])
    status = (await fresh.request("foretype/status"))["result"]
    assert (status["shown"], status["accepted"]) == (1, 1)


async def test_a_newer_request_is_answered_after_the_one_it_overtakes(wire: Wire) -> None:
    for number in range(5):
        wire.send({"jsonrpc": "2.0", "id": number + 100, "method": INLINE_COMPLETION, "params": ASK})
    order: list[dict[str, Any]] = []
    while len(order) < 5:
        await asyncio.sleep(0.01)
        order += wire.messages()
    assert [message["id"] for message in order] == [100, 101, 102, 103, 104]
    assert all(message["result"] == {"items": []} for message in order[:4])
    assert order[4]["result"]["items"]


async def test_a_cancelled_request_is_answered_as_cancelled(wire: Wire) -> None:
    wire.send({"jsonrpc": "2.0", "id": 50, "method": INLINE_COMPLETION, "params": ASK})
    wire.notify("$/cancelRequest", {"id": 50})
    assert (await wire.answer(50))["error"]["code"] == -32800
    assert (await wire.request(INLINE_COMPLETION, ASK))["result"]["items"]


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
    assert "items" in (await wire.request(INLINE_COMPLETION, params))["result"]


async def test_switched_off_in_the_settings_the_server_is_silent(wire: Wire) -> None:
    wire.notify("workspace/didChangeConfiguration", {"settings": {"foretype": {"enabled": False}}})
    assert (await wire.request(INLINE_COMPLETION, ASK))["result"] == {"items": []}


async def test_wrong_settings_are_told_once_and_the_server_works(wire: Wire) -> None:
    for _ in range(3):
        wire.notify("workspace/didChangeConfiguration", {"settings": {"foretype": {"eagerness": "much", "x": 1}}})
    (message,) = wire.messages()
    assert message["method"] == "window/showMessage"
    assert "eagerness" in message["params"]["message"]
    assert (await wire.request(INLINE_COMPLETION, ASK))["result"]["items"]


async def test_a_request_for_another_version_of_the_document_gets_nothing(wire: Wire) -> None:
    for version, found in ((1, True), (0, False), (7, False), (None, True)):
        asked = {**ASK, "textDocument": {"uri": URI, "version": version}}
        assert bool((await wire.request(INLINE_COMPLETION, asked))["result"]["items"]) == found
    assert (await wire.request("foretype/status"))["result"]["silences"] == {"stale": 2}


async def test_a_client_that_wants_partial_results_gets_the_items_there_and_none_in_the_result(wire: Wire) -> None:
    whole = (await wire.request(INLINE_COMPLETION, ASK))["result"]["items"]
    wire.send({"jsonrpc": "2.0", "id": 9000, "method": INLINE_COMPLETION, "params": {**ASK, "partialResultToken": "p"}})
    answers: list[dict[str, Any]] = []
    while len(answers) < 2:
        await asyncio.sleep(0.01)
        answers += wire.messages()
    assert answers[0] == {"jsonrpc": "2.0", "method": "$/progress", "params": {"token": "p", "value": whole}}
    assert answers[1]["result"] == {"items": []}


async def test_a_client_that_lets_its_settings_be_asked_for_is_asked(fresh: Wire) -> None:
    await fresh.initialize(
        capabilities={"textDocument": {"inlineCompletion": {}}, "workspace": {"configuration": True}}
    )
    (asked,) = [message for message in await fresh.sent(1) if message["method"] == "workspace/configuration"]
    assert asked["params"] == {"items": [{"section": "foretype"}]}
    fresh.send({"jsonrpc": "2.0", "id": asked["id"], "result": [{"eagerness": 0.25}]})
    while fresh.server.settings.eagerness != 0.25:
        await asyncio.sleep(0.01)
    fresh.notify("workspace/didChangeConfiguration", {"settings": None})
    (asked,) = await fresh.sent(1)
    fresh.send({"jsonrpc": "2.0", "id": asked["id"], "result": [None]})
    await asyncio.sleep(0.05)
    assert fresh.server.settings.eagerness == 0.25


async def test_status_tells_everything_but_text(wire: Wire) -> None:
    await wire.request(INLINE_COMPLETION, ASK)
    status = (await wire.request("foretype/status"))["result"]
    assert status["model"] == {"loaded": True, "network": True}
    assert status["documents"] == [{"uri": URI, "language": "python", "version": 1, "characters": 4, "trusted": True}]
    assert status["shown"] == 1
    assert status["last_silence"] is None
    assert status["notice"] == {"kind": "Normal", "busy": False, "message": "Foretype is ready"}
    assert status["states_bytes"] > 0
    assert status["settings"]["eagerness"] == 0.5


async def test_each_answer_is_traced_if_the_client_wants_it(wire: Wire) -> None:
    await wire.request(INLINE_COMPLETION, ASK)
    wire.messages()
    wire.notify("$/setTrace", {"value": "messages"})
    wire.send({"jsonrpc": "2.0", "id": 9000, "method": INLINE_COMPLETION, "params": ASK})
    messages = await wire.sent(2)
    (trace,) = [message for message in messages if message.get("method") == "$/logTrace"]
    assert trace["params"]["message"].startswith("suggestion after ")


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/didShowCompletion", {"item": {"command": {"arguments": ["x"]}}}),
        ("textDocument/didPartiallyAcceptCompletion", {"item": {"insertText": "abc"}, "acceptedLength": 2}),
        ("textDocument/didFocus", {}),
    ],
)
async def test_what_other_servers_clients_tell_is_taken_without_a_word(
    wire: Wire, caplog: pytest.LogCaptureFixture, method: str, params: dict[str, Any]
) -> None:
    wire.notify(method, params)
    assert wire.messages() == []
    assert caplog.text == ""


async def test_what_is_typed_is_answered_from_what_was_prepared(wire: Wire) -> None:
    before = LEARNT_TEXT[: LEARNT_TEXT.index("me in")]
    wire.change([{"text": before[:-1]}])
    line = before.count("\n")
    caret = {"line": line, "character": len(before) - before.rfind("\n") - 2}
    wire.change([{"range": {"start": caret, "end": caret}, "text": before[-1]}], version=3)
    while wire.server.suggestions.is_busy:
        await asyncio.sleep(0.005)
    at = {"line": line, "character": caret["character"] + 1}
    asked = {"textDocument": {"uri": URI}, "position": at, "context": {"triggerKind": 2}}
    wire.send({"jsonrpc": "2.0", "id": 9000, "method": INLINE_COMPLETION, "params": asked})
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    (answer,) = wire.messages()
    assert answer["result"]["items"][0]["insertText"] == "me in names:"


async def test_accepting_is_read_off_the_edit_and_counted(wire: Wire) -> None:
    before = LEARNT_TEXT[: LEARNT_TEXT.index("me in")]
    wire.change([{"text": before}])
    caret = {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}
    asked = {"textDocument": {"uri": URI}, "position": caret, "context": {"triggerKind": 2}}
    text = (await wire.request(INLINE_COMPLETION, asked))["result"]["items"][0]["insertText"]
    wire.change([{"range": {"start": caret, "end": caret}, "text": text}], version=3)
    status = (await wire.request("foretype/status"))["result"]
    assert (status["shown"], status["accepted"], status["keys_saved"]) == (1, 1, len(text) - 1)


async def test_a_file_with_keys_in_it_gets_no_suggestions(wire: Wire) -> None:
    uri = "file:///project/.env"
    wire.open("def ", uri)
    asked = {**ASK, "textDocument": {"uri": uri}}
    assert (await wire.request(INLINE_COMPLETION, asked))["result"]["items"] == []
    status = (await wire.request("foretype/status"))["result"]
    assert status["silences"] == {"ignored_path": 1}
    assert status["last_silence"] == "ignored_path"


async def test_a_cell_is_treated_as_the_notebook_that_it_is_part_of(wire: Wire) -> None:
    uri = "vscode-notebook-cell:/project/.env#W0sZmlsZQ%3D%3D"
    wire.open("def ", uri)
    asked = {**ASK, "textDocument": {"uri": uri}}
    assert (await wire.request(INLINE_COMPLETION, asked))["result"]["items"] == []
    assert (await wire.request("foretype/status"))["result"]["silences"] == {"ignored_path": 1}


async def test_a_process_that_cannot_be_one_is_not_watched(fresh: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    watched: list[int] = []
    monkeypatch.setattr("foretype.server.parent.watch", lambda process_id, _: watched.append(process_id))
    await fresh.initialize(processId=-1)
    assert watched == []


def names_of(wire: Wire) -> list[str]:
    return [folder.name for folder in wire.server.memories.held]


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(3000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to hold")


def a_project(folder: Path) -> Path:
    folder.mkdir()
    (folder / "app.py").write_text("def run():\n    return 1\n")
    return folder


async def test_no_file_is_read_before_the_client_has_told_whether_that_is_wanted(
    fresh: Wire, registry: Registry, tmp_path: Path
) -> None:
    project = a_project(tmp_path / "project")
    await fresh.initialize(rootUri=project.as_uri(), capabilities={"workspace": {"configuration": True}})
    (asked,) = [message for message in await fresh.sent(1) if message["method"] == "workspace/configuration"]
    await asyncio.sleep(0.1)
    assert not fresh.server.memories.is_busy
    fresh.send({"jsonrpc": "2.0", "id": asked["id"], "result": [{"memory": False}]})
    await until(lambda: not fresh.server.settings.memory)
    await asyncio.sleep(0.1)
    assert not fresh.server.memories.is_busy
    assert list(memories_dir().glob("*")) == []
    assert registry.names() == []
    fresh.server.stop()


@pytest.mark.parametrize("answer", [{"result": [None]}, {"error": {"code": -32601, "message": "no"}}])
async def test_a_client_that_has_nothing_to_tell_gets_its_folders_read(
    fresh: Wire,
    registry: Registry,  # noqa: ARG001  # where the memory goes
    tmp_path: Path,
    answer: dict[str, Any],
) -> None:
    project = a_project(tmp_path / "project")
    await fresh.initialize(rootUri=project.as_uri(), capabilities={"workspace": {"configuration": True}})
    (asked,) = [message for message in await fresh.sent(1) if message["method"] == "workspace/configuration"]
    fresh.send({"jsonrpc": "2.0", "id": asked["id"], **answer})
    await until(lambda: names_of(fresh) == ["project"])
    fresh.server.stop()


async def test_the_memory_is_switched_off_and_on_while_the_server_runs(
    fresh: Wire,
    registry: Registry,  # noqa: ARG001  # where the memory goes
    tmp_path: Path,
) -> None:
    project = a_project(tmp_path / "project")
    await fresh.initialize(rootUri=project.as_uri())
    await until(lambda: names_of(fresh) == ["project"])
    fresh.notify("workspace/didChangeConfiguration", {"settings": {"foretype": {"memory": False}}})
    await until(lambda: names_of(fresh) == [])
    assert fresh.server.memories.around(str(project / "new.py")) == []
    fresh.notify("workspace/didChangeConfiguration", {"settings": {"foretype": {"memory": True}}})
    await until(lambda: names_of(fresh) == ["project"])
    fresh.server.stop()


async def test_what_other_servers_are_told_leaves_our_settings_as_they_are(fresh: Wire) -> None:
    await fresh.initialize(initializationOptions={"eagerness": 0.25})
    for theirs in ({}, {"pylsp": {"plugins": {}}, "gopls": {"staticcheck": True}}):
        fresh.notify("workspace/didChangeConfiguration", {"settings": theirs})
        assert fresh.server.settings.eagerness == 0.25
    assert fresh.messages() == []


async def test_tabs_that_are_told_to_have_no_width_leave_a_suggestion_as_it_is(wire: Wire) -> None:
    wire.change([{"text": LEARNT_TEXT.partition("\n")[0] + "\n"}])
    asked = {**ASK, "position": {"line": 1, "character": 0}}
    plain = (await wire.request(INLINE_COMPLETION, asked))["result"]
    assert plain["items"][0]["insertText"].startswith("    for")
    for spaces in (True, False):
        options = {"tabSize": 0, "insertSpaces": spaces}
        assert (await wire.request(INLINE_COMPLETION, {**asked, "formattingOptions": options}))["result"] == plain


async def test_a_request_whose_answer_cannot_be_wrapped_is_answered_all_the_same(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foretype.server.translation.inline_items", lambda *_: 1 / 0)
    assert (await wire.request(INLINE_COMPLETION, ASK))["error"]["code"] == -32603


async def test_an_answer_that_comes_after_the_next_key_counts_as_shown_to_nobody(wire: Wire) -> None:
    wire.change([{"text": "for name in na"}], version=2)
    caret = {"line": 0, "character": 14}
    asked = {**ASK, "position": caret}
    wire.send({"jsonrpc": "2.0", "id": 1000, "method": INLINE_COMPLETION, "params": asked})
    wire.change([{"range": {"start": caret, "end": caret}, "text": "m"}], version=3)
    assert (await wire.answer(1000))["result"]["items"]
    assert (await wire.request("foretype/status"))["result"]["shown"] == 0


@pytest.mark.parametrize("uri", [f"file:///{'folder' * 99}/names.py", "file://[names.py", "untitled:Untitled-1"])
async def test_a_document_whose_place_cannot_be_looked_at_gets_an_answer_and_no_error(
    wire: Wire, caplog: pytest.LogCaptureFixture, uri: str
) -> None:
    wire.open("for name in n", uri)
    caret = {"line": 0, "character": 13}
    wire.change([{"range": {"start": caret, "end": caret}, "text": "a"}], uri=uri)
    asked = {**ASK, "textDocument": {"uri": uri}, "position": {"line": 0, "character": 14}}
    assert "result" in await wire.request(INLINE_COMPLETION, asked)
    wire.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    assert caplog.text == ""
