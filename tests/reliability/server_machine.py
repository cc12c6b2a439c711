"""A whole server in this process under any order of messages: what it must keep to, whatever a client does.

Every request is answered exactly once and with a right code, every document's text is that of an independent
reference, nothing is logged as an error, and when all is closed nothing is left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.server.reference_text import ReferenceText
from tests.server.wire import Wire

from foretype.model.engine import Engine
from foretype.server.document import Change, Encoding, Position
from foretype.server.ledger import Ledger

RESULT, CANCELLED, INVALID_PARAMS, UNKNOWN = 0, -32800, -32602, -32601

DOCUMENTS = [f"file:///project/names_{number}.py" for number in range(3)] + ["untitled:Untitled-1"]
NOTEBOOKS = ["file:///project/one.ipynb", "file:///project/two.ipynb"]
CELLS = [f"vscode-notebook-cell:/project/one.ipynb#c{number}" for number in range(4)]

TEXT = st.lists(
    st.sampled_from(["def ", "names", "(x)", " ", "\t", "\n", "\r\n", "\r", "\f", "\u2028", "é", "中", "😀", "\ud800"]),
    max_size=10,
).map("".join)
COLUMNS = st.one_of(st.integers(0, 12), st.just(2**31 - 1))
PLACES = st.builds(Position, st.one_of(st.integers(0, 6), st.just(2**31 - 1)), COLUMNS)
EDITS = st.lists(st.one_of(TEXT, st.builds(Change, PLACES, PLACES, TEXT)), min_size=1, max_size=3)
SETTINGS: st.SearchStrategy[object] = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "eagerness": st.sampled_from([0, 0.5, 1, 1.0, 7, None]),
            "temperature": st.sampled_from([0, 0.8, -1]),
            "maxBytes": st.sampled_from([1, 8, 0, "8"]),
            "maxLines": st.sampled_from([1, 3]),
            "candidates": st.sampled_from([1, 4]),
            "speculate": st.booleans(),
            "deadlineMs": st.sampled_from([1, 250]),
            "inComments": st.booleans(),
            "manual": st.booleans(),
            "disabledLanguages": st.sampled_from([[], ["python"], "python"]),
            "statesBytes": st.sampled_from([1, 1 << 20]),
            "ledger": st.booleans(),
            "unknown": st.none(),
        },
    ),
    st.sampled_from([None, [], "loud", 3]),
)
BROKEN = st.sampled_from(
    [
        ("textDocument/inlineCompletion", {"textDocument": {}, "position": 3}, INVALID_PARAMS),
        ("textDocument/inlineCompletion", None, INVALID_PARAMS),
        ("textDocument/unheardOf", {"textDocument": {"uri": DOCUMENTS[0]}}, UNKNOWN),
        ("foretype/status", None, RESULT),
    ]
)


class Faults(logging.Handler):
    """Collect what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("pygls"):  # of what a client sends wrong; `serve` silences it
            self.found.append(self.format(record))


def _wire(place: Position) -> dict[str, int]:
    return {"line": place.line, "character": place.character}


def _events(edits: list[Change | str]) -> list[dict[str, Any]]:
    return [
        {"text": edit}
        if isinstance(edit, str)
        else {"range": {"start": _wire(edit.start), "end": _wire(edit.end)}, "text": edit.text}
        for edit in edits
    ]


def machine(engines: list[Engine], ledger: Callable[[], Ledger]) -> type[RuleBasedStateMachine]:
    """Return a machine whose servers answer with the first engine and change over to the others."""

    class WholeServer(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.faults = Faults()
            logging.getLogger().addHandler(self.faults)
            self.loop = asyncio.new_event_loop()
            self.ledger = ledger()
            self.wire = Wire(engines[0], self.ledger)
            self.server = self.wire.server
            self.texts: dict[str, ReferenceText] = {}
            self.versions: dict[str, int] = {}
            self.lost: set[str] = set()
            """Documents of which an edit did not arrive; nobody knows their text until it is sent whole."""
            self.cells: dict[str, list[str]] = {}
            self.allowed: dict[str, set[int]] = {}
            self.answers: dict[str, list[int]] = {}

        def do(self, act: Callable[[], object]) -> None:
            async def done() -> None:
                act()
                await asyncio.sleep(0)

            self.loop.run_until_complete(done())
            self.hear()

        def hear(self) -> None:
            for message in self.wire.messages():
                if "method" not in message:
                    code = message["error"]["code"] if "error" in message else RESULT
                    self.answers.setdefault(str(message["id"]), []).append(code)

        def send(self, method: str, params: Any, allowed: int = RESULT) -> None:
            identifier = f"r{len(self.allowed)}"
            self.allowed[identifier] = {allowed}
            message = {"jsonrpc": "2.0", "id": identifier, "method": method, "params": params}
            self.do(lambda: self.wire.send(message))

        @initialize(encoding=st.sampled_from(["utf-8", "utf-16", "utf-32"]), inline=st.booleans())
        def begin(self, encoding: Encoding, inline: bool) -> None:
            self.encoding: Encoding = encoding
            capabilities = {
                "textDocument": {"inlineCompletion": {}} if inline else {},
                "general": {"positionEncodings": [encoding]},
            }
            self.send("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
            self.do(lambda: self.wire.notify("initialized", {}))
            self.method = "textDocument/inlineCompletion" if inline else "textDocument/completion"

        @rule(uri=st.sampled_from(DOCUMENTS), text=TEXT, language=st.sampled_from(["python", "", "x" * 50]))
        def open(self, uri: str, text: str, language: str) -> None:
            self._opened(uri, text)
            document = {"uri": uri, "languageId": language, "version": self.versions[uri], "text": text}
            self.do(lambda: self.wire.notify("textDocument/didOpen", {"textDocument": document}))

        def _opened(self, uri: str, text: str) -> None:
            self.texts[uri] = ReferenceText(text, self.encoding)
            self.versions[uri] = 1
            self.lost.discard(uri)

        @rule(uri=st.sampled_from(DOCUMENTS), edits=EDITS)
        def change(self, uri: str, edits: list[Change | str]) -> None:
            self._edited(uri, edits)
            self.do(lambda: self.wire.change(_events(edits), self.versions.get(uri, 1), uri))

        def _edited(self, uri: str, edits: list[Change | str]) -> None:
            if uri not in self.texts:
                return
            self.versions[uri] += 1
            for edit in edits:
                if isinstance(edit, str):
                    self.texts[uri].text = edit
                    self.lost.discard(uri)
                else:
                    self.texts[uri].apply(edit)

        @rule(uri=st.sampled_from(DOCUMENTS))
        def lose_an_edit(self, uri: str) -> None:
            if uri in self.texts:
                self.lost.add(uri)
            self.do(lambda: self.wire.change([{"range": 3, "text": "x"}], 5, uri))

        @rule(uri=st.sampled_from(DOCUMENTS + CELLS), place=PLACES, invoked=st.booleans(), late=st.booleans())
        def ask(self, uri: str, place: Position, invoked: bool, late: bool) -> None:
            version = self.versions.get(uri, 1) - late
            params: dict[str, Any] = {"textDocument": {"uri": uri, "version": version}, "position": _wire(place)}
            params["context"] = {"triggerKind": 1 if invoked or "inline" not in self.method else 2}
            self.send(self.method, params)

        @rule(case=BROKEN)
        def ask_anything(self, case: tuple[str, Any, int]) -> None:
            self.send(*case)

        @precondition(lambda self: self.allowed)
        @rule(draw=st.integers(0, 1000))
        def cancel(self, draw: int) -> None:
            identifier = f"r{len(self.allowed) - 1 - draw % min(4, len(self.allowed))}"
            self.allowed[identifier].add(CANCELLED)
            self.do(lambda: self.wire.notify("$/cancelRequest", {"id": identifier}))

        @rule(milliseconds=st.sampled_from([0, 1, 20]))
        def wait(self, milliseconds: int) -> None:
            self.loop.run_until_complete(asyncio.sleep(milliseconds / 1e3))
            self.hear()

        @rule(uri=st.sampled_from(DOCUMENTS))
        def close(self, uri: str) -> None:
            self._closed(uri)
            self.do(lambda: self.wire.notify("textDocument/didClose", {"textDocument": {"uri": uri}}))

        def _closed(self, uri: str) -> None:
            self.texts.pop(uri, None)
            self.lost.discard(uri)

        @rule(value=st.sampled_from(["off", "messages", "verbose", "loud"]))
        def trace(self, value: str) -> None:
            self.do(lambda: self.wire.notify("$/setTrace", {"value": value}))

        @rule(values=SETTINGS)
        def configure(self, values: object) -> None:
            self.do(lambda: self.wire.notify("workspace/didChangeConfiguration", {"settings": {"foretype": values}}))

        @rule(uri=st.sampled_from(DOCUMENTS))
        def save(self, uri: str) -> None:
            self.do(lambda: self.wire.notify("textDocument/didSave", {"textDocument": {"uri": uri}}))

        @rule(number=st.integers(0, len(engines) - 1))
        def promote(self, number: int) -> None:
            self.do(lambda: self.server.suggestions.use(engines[number]))

        @rule(notebook=st.sampled_from(NOTEBOOKS), cells=st.lists(st.sampled_from(CELLS), unique=True), text=TEXT)
        def open_notebook(self, notebook: str, cells: list[str], text: str) -> None:
            self.cells[notebook] = list(cells)
            described = {"uri": notebook, "notebookType": "x", "version": 1, "cells": _cells(cells)}
            params = {"notebookDocument": described, "cellTextDocuments": self._texts(cells, text)}
            self.do(lambda: self.wire.notify("notebookDocument/didOpen", params))

        def _texts(self, cells: list[str], text: str) -> list[dict[str, Any]]:
            for cell in cells:
                self._opened(cell, text)
            return [{"uri": cell, "languageId": "python", "version": 1, "text": text} for cell in cells]

        @rule(
            notebook=st.sampled_from(NOTEBOOKS),
            start=st.integers(0, 4),
            count=st.integers(0, 3),
            cells=st.lists(st.sampled_from(CELLS), unique=True, max_size=2),
            edits=EDITS,
            edited=st.sampled_from(CELLS),
        )
        def change_notebook(
            self, notebook: str, start: int, count: int, cells: list[str], edits: list[Change | str], edited: str
        ) -> None:
            held = self.cells.get(notebook, [])
            gone = [cell for cell in held[start : start + count] if cell not in cells]
            held[start : start + count] = cells
            structure = {
                "array": {"start": start, "deleteCount": count, "cells": _cells(cells)},
                "didOpen": self._texts(cells, "new"),
                "didClose": [{"uri": cell} for cell in gone],
            }
            for cell in gone:
                self._closed(cell)
            self._edited(edited, edits)
            document = {"uri": edited, "version": self.versions.get(edited, 1)}
            change = {"structure": structure, "textContent": [{"document": document, "changes": _events(edits)}]}
            params = {"notebookDocument": {"uri": notebook, "version": 2}, "change": {"cells": change}}
            self.do(lambda: self.wire.notify("notebookDocument/didChange", params))

        @rule(notebook=st.sampled_from(NOTEBOOKS))
        def close_notebook(self, notebook: str) -> None:
            gone = self.cells.pop(notebook, [])
            for cell in gone:
                self._closed(cell)
            params = {"notebookDocument": {"uri": notebook}, "cellTextDocuments": [{"uri": cell} for cell in gone]}
            self.do(lambda: self.wire.notify("notebookDocument/didClose", params))

        @invariant()
        def the_texts_are_those_of_the_reference(self) -> None:
            open_here = dict(self.server.documents.items())
            assert open_here.keys() == self.texts.keys()
            for uri, document in open_here.items():
                assert document.text == self.texts[uri].text, uri
                assert document.length == len(document.text)
                assert document.trusted == (uri not in self.lost)

        @invariant()
        def the_notebooks_have_their_cells(self) -> None:
            for notebook in NOTEBOOKS:
                assert self.server.notebooks.cells(notebook) == self.cells.get(notebook, [])

        @invariant()
        def no_request_is_answered_twice_or_with_a_wrong_code(self) -> None:
            for identifier, codes in self.answers.items():
                assert len(codes) == 1, identifier
                assert codes[0] in self.allowed[identifier], (identifier, codes)

        @invariant()
        def nothing_went_wrong_inside(self) -> None:
            assert self.faults.found == []

        def teardown(self) -> None:
            try:
                if self.allowed:
                    self._end()
            finally:
                self.server.stop()
                self.ledger.close()
                self.loop.run_until_complete(asyncio.sleep(0))  # what was cancelled ends
                self.loop.close()
                logging.getLogger().removeHandler(self.faults)

        def _end(self) -> None:
            self._settle()
            assert self.answers.keys() == self.allowed.keys()
            for notebook in NOTEBOOKS:
                self.close_notebook(notebook)
            for uri in list(self.texts):
                self.close(uri)
            self._settle()
            suggestions = self.server.suggestions
            suggestions._worker.submit(lambda: None).result(30)
            left = [
                suggestions.sessions.uris,
                list(suggestions._desks),
                self.server.documents.items(),
                list(self.server.protocol._request_futures),
                list(self.server.outcomes._watched),
                list(self.server.notebooks._cells),
                list(self.server.notebooks._notebook_of),
            ]
            assert left == [[]] * len(left), left
            assert suggestions.sessions.nbytes == 0
            self.send("shutdown", None)
            self.no_request_is_answered_twice_or_with_a_wrong_code()
            self.nothing_went_wrong_inside()

        def _settle(self) -> None:
            async def settled() -> None:
                while self.server.suggestions.is_busy:
                    await asyncio.sleep(0.002)
                for _ in range(5):  # an answer passes through several futures
                    await asyncio.sleep(0)

            self.loop.run_until_complete(asyncio.wait_for(settled(), 60))
            self.hear()

    return WholeServer


def _cells(uris: list[str]) -> list[dict[str, Any]]:
    return [{"kind": 2, "document": uri} for uri in uris]
