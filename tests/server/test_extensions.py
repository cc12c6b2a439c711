"""What clients of other completion servers send besides LSP is honoured."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lsprotocol import types
from tests.server.wire import ASK, Wire

from foretype.model.calibration import Look
from foretype.model.suggest import Answer, Suggestion
from foretype.server import translation

PLUGIN = {"editorInfo": {"name": "Some editor", "version": "1"}, "editorPluginInfo": {"name": "some", "version": "2"}}


async def statuses(wire: Wire, last: str) -> list[dict[str, Any]]:
    """Return the statuses that come, up to the one with this message."""
    found: list[dict[str, Any]] = []
    for _ in range(500):
        found += [one["params"] for one in wire.messages() if one.get("method") == "didChangeStatus"]
        if found and found[-1]["message"] == last:
            return found
        await asyncio.sleep(0.01)
    raise AssertionError(f"expected {last!r} at last, got {found}")


async def test_a_client_that_names_its_plugin_is_told_when_the_status_changes(fresh: Wire) -> None:
    await fresh.initialize(initializationOptions=PLUGIN)
    loading, ready = await statuses(fresh, "Foretype is ready")
    assert loading == {"kind": "Normal", "busy": True, "message": "Foretype loads its model"}
    assert ready["busy"] is False
    fresh.notify("workspace/didChangeConfiguration", {"settings": {"foretype": {"enabled": False}}})
    assert (await statuses(fresh, "Foretype is off"))[-1]["kind"] == "Inactive"


async def test_no_other_client_is_sent_a_status(wire: Wire) -> None:
    wire.notify("workspace/didChangeConfiguration", {"settings": {"foretype": {"enabled": False}}})
    assert (await wire.request("foretype/status"))["result"]["settings"]["enabled"] is False
    assert wire.messages() == []


@pytest.mark.parametrize(
    ("insert_spaces", "character", "text"),
    [
        (False, 0, "\tif a:\n\t\t  b"),
        (False, 2, "    if a:\n\t\t  b"),
        (True, 0, "    if a:\n          b"),
    ],
)
def test_lines_begin_with_the_tabs_or_spaces_that_the_client_indents_by(
    insert_spaces: bool, character: int, text: str
) -> None:
    options = types.FormattingOptions(tab_size=4, insert_spaces=insert_spaces)
    suggestion = Suggestion("    if a:\n\t      b", 0.5, 0.5, 1.0, Look(-0.5, 10, 0, known=True))
    answer = translation.indented(Answer((suggestion,)), types.Position(0, character), options)
    assert answer.suggestions[0].text == text


async def test_a_request_with_formatting_options_is_answered(wire: Wire) -> None:
    asked = {**ASK, "formattingOptions": {"tabSize": 4, "insertSpaces": True}}
    assert (await wire.request("textDocument/inlineCompletion", asked))["result"]["items"]
