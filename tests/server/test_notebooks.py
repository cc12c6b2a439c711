"""A notebook's cells: documents of their own, read one below the other."""

from __future__ import annotations

from typing import Any

import pytest
from tests.server.wire import Wire

from foretype.server.document import Position
from foretype.server.documents import Documents
from foretype.server.notebooks import Notebooks

NOTEBOOK = "file:///project/names.ipynb"
UPPER, LOWER = f"{NOTEBOOK}#1", f"{NOTEBOOK}#2"


def cell(uri: str, text: str, language: str = "python") -> dict[str, Any]:
    return {"uri": uri, "version": 1, "languageId": language, "text": text}


def open_notebook(wire: Wire, *cells: dict[str, Any]) -> None:
    listed = [{"kind": 2, "document": one["uri"]} for one in cells]
    notebook = {"uri": NOTEBOOK, "notebookType": "jupyter-notebook", "version": 1, "cells": listed}
    wire.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": list(cells)})


def change_notebook(wire: Wire, cells: Any, version: int = 2) -> None:
    named = {"uri": NOTEBOOK, "version": version}
    wire.notify("notebookDocument/didChange", {"notebookDocument": named, "change": {"cells": cells}})


def typed(uri: str, text: str, version: int = 2) -> dict[str, Any]:
    whole = {"document": {"uri": uri, "version": version}, "changes": [{"text": text}]}
    return {"textContent": [whole]}


async def suggested(wire: Wire, uri: str, line: int, character: int) -> list[dict[str, Any]]:
    place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
    answer = await wire.request("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 1}})
    items: list[dict[str, Any]] = answer["result"]["items"]
    return items


def text_before(wire: Wire, uri: str) -> str:
    document = wire.server.documents.get(uri)
    assert document is not None
    return wire.server.notebooks.prefix(uri, document, Position(0, 0)).tail.decode()


async def test_a_cell_gets_suggestions_while_it_is_typed_into(wire: Wire) -> None:
    open_notebook(wire, cell(UPPER, ""), cell(LOWER, "x = 1"))
    change_notebook(wire, typed(UPPER, "def "))
    assert await suggested(wire, UPPER, 0, 4)
    assert wire.messages() == []


async def test_a_cell_is_read_below_the_cells_of_its_language_above_it(wire: Wire) -> None:
    open_notebook(wire, cell(UPPER, "a = 1"), cell("#prose", "Words.", "markdown"), cell(LOWER, ""))
    assert text_before(wire, LOWER) == "a = 1\n\n"
    assert text_before(wire, UPPER) == ""


async def test_cells_can_come_go_and_move(wire: Wire) -> None:
    open_notebook(wire, cell(LOWER, ""))
    first = {"array": {"start": 0, "deleteCount": 0, "cells": [{"kind": 2, "document": UPPER}]}}
    change_notebook(wire, {"structure": {**first, "didOpen": [cell(UPPER, "b = 2")]}})
    assert text_before(wire, LOWER) == "b = 2\n\n"
    swapped = [{"kind": 2, "document": uri} for uri in (LOWER, UPPER)]
    change_notebook(wire, {"structure": {"array": {"start": 0, "deleteCount": 2, "cells": swapped}}}, 3)
    assert text_before(wire, LOWER) == ""
    gone = {"array": {"start": 1, "deleteCount": 1}}
    change_notebook(wire, {"structure": {**gone, "didClose": [{"uri": UPPER}]}}, 4)
    assert wire.server.notebooks.cells(NOTEBOOK) == [LOWER]
    assert wire.server.documents.get(UPPER) is None


async def test_closing_a_notebook_forgets_its_cells(wire: Wire) -> None:
    open_notebook(wire, cell(UPPER, "a = 1"))
    closed = {"notebookDocument": {"uri": NOTEBOOK}, "cellTextDocuments": [{"uri": UPPER}]}
    wire.notify("notebookDocument/didClose", closed)
    assert wire.server.documents.get(UPPER) is None
    assert wire.server.notebooks.cells(NOTEBOOK) == []


@pytest.mark.parametrize("cells", [{"textContent": [{"document": {"uri": UPPER}}]}, 5])
async def test_after_a_lost_edit_no_cell_of_the_notebook_is_trusted(wire: Wire, cells: Any) -> None:
    open_notebook(wire, cell(UPPER, "def "))
    change_notebook(wire, cells)
    assert await suggested(wire, UPPER, 0, 4) == []


def test_a_long_cell_needs_nothing_from_above() -> None:
    documents = Documents()
    documents.open(UPPER, 1, "above", "python")
    documents.open(LOWER, 1, "x = 1\n" * 20_000, "python")
    notebooks = Notebooks(documents)
    notebooks.open(NOTEBOOK, [UPPER, LOWER])
    document = documents.get(LOWER)
    assert document is not None
    end = Position(20_000, 0)
    assert notebooks.prefix(LOWER, document, end) == document.prefix(end)
