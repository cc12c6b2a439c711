"""One client's server: its documents, settings, memories and suggestions, and how they hang together.

Knows of messages only what it must say unasked; `handlers` receives them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from foretype.model.engine import Engine
from foretype.model.ignore import IGNORE_FILES
from foretype.model.reason import Reason
from foretype.model.registry import close_to_others, data_dir
from foretype.model.suggest import Answer
from foretype.model.tokens import encode
from foretype.server import extensions, handlers, parent, settings, status, translation, workspace
from foretype.server.answers import Query
from foretype.server.document import Change, Document, Position
from foretype.server.documents import Documents
from foretype.server.learning import Learning, Wish
from foretype.server.ledger import Ledger
from foretype.server.memories import Memories
from foretype.server.notebooks import Notebooks
from foretype.server.outcomes import Outcomes
from foretype.server.policy import Policy
from foretype.server.power import Power
from foretype.server.projects import Projects
from foretype.server.protocol import Protocol
from foretype.server.sessions import Sessions
from foretype.server.settings import Settings
from foretype.server.shifts import Shifts
from foretype.server.suggestions import AnswerFuture, Suggestions

_log = logging.getLogger(__name__)

_MODEL_SECONDS = 5.0
"""Between two looks whether another model is to serve."""
_SETTINGS_SECONDS = 10.0
"""How long a client may take to tell its settings; after that those it has told hold."""


class Server(LanguageServer):
    """Hold everything that belongs to one client."""

    protocol: Protocol

    def __init__(
        self,
        version: str,
        load_engine: Callable[[], Engine],
        parent_gone: Callable[[], None],
        ledger: Ledger | None = None,
    ) -> None:
        """Prepare a server; `parent_gone` is called from another thread when the client's process has ended."""
        super().__init__(
            "foretype",
            version,
            notebook_document_sync=translation.every_cell(),
            protocol_cls=Protocol,
            converter_factory=extensions.converter,
        )
        self.documents = Documents()
        self.notebooks = Notebooks(self.documents)
        self.settings = Settings()
        self.policy = Policy(lambda: self.folders)
        self.memories = Memories(
            lambda: self.settings.memory_bytes, lambda: self.settings.other_projects, self._changed
        )
        self.projects = Projects(self.memories, self._read)
        shifts = Shifts(None if ledger is None else ledger.path)
        self.suggestions = Suggestions(load_engine, Sessions(self.memories, shifts.of), self._changed)
        self.outcomes = Outcomes(ledger, shifts.of)
        self.folders: list[Path] = []
        self.shows_inline = False
        """Whether the client has asked for inline completion; some do without claiming to."""
        self.shows_status = False
        """Whether the client wants to be told when what `status.notice` says changes."""
        self._patience: asyncio.TimerHandle | None = None
        self._ledger = ledger
        self._load_engine = load_engine
        self._watch: asyncio.Task[None] | None = None
        self._power = Power()
        self.learning = Learning(data_dir(), self._power.is_on_battery)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._problems: list[str] = []
        self._noticed: dict[str, Any] | None = None
        self._parent_gone = parent_gone
        self.protocol.on_rejected = self._rejected
        handlers.register(self)

    def report_server_error(self, error: Exception, source: Any) -> None:  # noqa: ARG002  # pygls's signature
        """Log; pygls would raise a popup in the middle of somebody's typing."""
        _log.error("%s: %s", type(error).__name__, error)

    def begin(self) -> None:
        """Load and read what suggestions need, now that the client is ready."""
        close_to_others()
        self._loop = asyncio.get_running_loop()
        self.documents.encoding = translation.encoding(self.server_capabilities)
        self._tell_status()
        self.suggestions.start()
        self._watch = self._loop.create_task(self._watch_model())
        for folder in self.folders:
            self.projects.add(folder)
        self._patience = self._loop.call_later(_SETTINGS_SECONDS, self.projects.settle)

    def stop(self) -> None:
        """Let go of all threads; the ledger may be others' too."""
        if self._watch is not None:
            self._watch.cancel()
        if self._patience is not None:
            self._patience.cancel()
        self.learning.stop()
        self.outcomes.stop()
        self.suggestions.stop()
        self.memories.stop()

    def configure(self, values: object) -> None:
        """Use these settings; tell the user once about all that could not be used."""
        before = self.settings
        self.settings, problems = settings.parse(values)
        if problems and problems != self._problems:  # editors send the same settings again and again
            text = "Foretype settings: " + "; ".join(problems)
            _log.warning(text)
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
        self._problems = problems
        self.outcomes.ledger = self._ledger if self.settings.ledger else None
        self.suggestions.sessions.budget_bytes = self.settings.states_bytes
        if self.settings != before:
            self.suggestions.forget_answers()
        self.projects.allow(self.settings.memory)
        self._tell_status()

    def watch_parent(self, process_id: int | None) -> None:
        """End when the client's process ends, if the client named it."""
        if process_id is not None and process_id > 0:
            parent.watch(process_id, self._parent_gone)

    def request(
        self,
        uri: str,
        place: Position,
        *,
        asked: bool,
        version: int | None = None,
        selected: types.SelectedCompletionInfo | None = None,
    ) -> AnswerFuture:
        """Return the future suggestions for a caret."""
        began = time.perf_counter()
        document = self.documents.get(uri)
        path = translation.path(uri)
        reason = self.policy.silence(document, path, place, self.settings, asked=asked)
        if reason is None and document is not None and version not in (None, document.version):
            reason = Reason.STALE
        if document is None or reason is not None:
            answer = _answered(reason or Reason.UNKNOWN_DOCUMENT)
        else:
            query = self._query(document, uri, place, asked=asked, selected=selected)
            seconds = float("inf") if asked else self.settings.deadline_ms / 1e3
            answer = self.suggestions.request(uri, query, seconds)
        language = document.language_id if document is not None else ""
        if answer.done():
            self._answered(answer, language, began)  # now, or who asks for the status next would miss it
        else:
            answer.add_done_callback(lambda done: self._answered(done, language, began))
        return answer

    def speculate(self, uri: str, changes: Sequence[Change | str]) -> None:
        """Look for the suggestion that the editor will likely ask for after an edit."""
        document = self.documents.get(uri)
        if document is None or len(changes) != 1 or isinstance(changes[0], str):
            return  # where the caret stands cannot be told
        place = document.end_of(changes[0])
        path = translation.path(uri)
        self.suggestions.speculates = self._may_speculate()
        if self.policy.silence(document, path, place, self.settings, asked=False) is None:
            self.suggestions.prepare(uri, self._query(document, uri, place, asked=False, selected=None))

    def show(self, uri: str, version: int | None, place: Position, answer: Answer, *, asked: bool) -> None:
        """Note that an answer is on its way to the screen, unless the document is at another version by now."""
        document = self.documents.get(uri)
        if document is not None and document.version == version:
            self.outcomes.show(uri, document, place, answer, asked=asked)

    def edit(self, uri: str, version: int, changes: Sequence[Change | str]) -> None:
        """Apply a client's edits, see what they made of what was shown, and look ahead."""
        self.learning.touch()
        self.documents.change(uri, version, changes)
        document = self.documents.get(uri)
        if document is None:
            return
        inserted = "".join(change.text for change in changes if isinstance(change, Change))
        self.outcomes.edit(uri, document, inserted)
        self.speculate(uri, changes)

    def close(self, uri: str) -> None:
        """Forget a document."""
        self.outcomes.close(uri, self.documents.get(uri))
        self.documents.close(uri)
        self.suggestions.close(uri)

    def file_changed(self, uri: str) -> None:
        """Bring what is remembered up to date with a file."""
        if (path := translation.path(uri)) is None:
            return
        if Path(path).name in IGNORE_FILES:
            self.policy.forget()
        self.memories.refresh_file(Path(path))
        self.learning.file_changed()

    def _read(self, folder: Path, begun: Future[None]) -> None:
        """Tell the client how the reading of a folder goes."""
        workspace.report(self, f"Foretype reads {folder.name}", asyncio.wrap_future(begun))
        self._tell_status()

    def _query(
        self,
        document: Document,
        uri: str,
        place: Position,
        *,
        asked: bool,
        selected: types.SelectedCompletionInfo | None,
    ) -> Query:
        if selected is None:
            prefix = self.notebooks.prefix(uri, document, place)
        else:  # as if the entry selected in the completion menu had been accepted
            start = translation.position(selected.range.start)
            prefix = self.notebooks.prefix(uri, document, start).then(encode(selected.text))
        options = self.settings.suggest_options(asked=asked)
        return Query(translation.path(uri) or uri, document.language_id, prefix, document.suffix(place), options)

    def _may_speculate(self) -> bool:
        return self.settings.speculate and (self.settings.speculate_on_battery or not self._power.is_on_battery())

    def _answered(self, done: AnswerFuture, language: str, began: float) -> None:
        if done.cancelled():
            return
        milliseconds = (time.perf_counter() - began) * 1e3
        answer = done.result()
        self.outcomes.answered(answer, language, milliseconds)
        if self.protocol.trace != types.TraceValue.Off:
            outcome = answer.reason.value if answer.reason else f"{len(answer.suggestions)} found"
            self.log_trace(types.LogTraceParams(f"suggestion after {milliseconds:.1f} ms: {outcome}"))

    def _changed(self) -> None:
        """Answer anew: the model or what is remembered is another; called from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.suggestions.forget_answers)
            self._loop.call_soon_threadsafe(self._tell_status)

    async def _watch_model(self) -> None:
        """Learn when there is time, and serve with another model as soon as one is promoted; it is read aside."""
        loop = asyncio.get_running_loop()
        problem = unlearnt = ""
        while True:
            await asyncio.sleep(_MODEL_SECONDS)
            unlearnt = self._learn(unlearnt)
            try:
                engine = await loop.run_in_executor(None, self._load_engine)
            except Exception as error:  # noqa: BLE001  # whatever is wrong with a model, the next one is looked for
                if str(error) != problem:
                    _log.warning("the model cannot be read, the old one serves on: %s", error)
                problem = str(error)
                continue
            if self.suggestions.is_loaded and engine is not self.suggestions.sessions.engine:
                _log.info("another model serves")
                self.suggestions.use(engine)

    def _learn(self, said: str) -> str:
        """Let the network learn, if it is time; return why that cannot be, and log it unless it was `said` already."""
        wanted = self.settings
        try:
            self.learning.tick(Wish(wanted.learn_in_background, wanted.learn_minutes, sorted(self.memories.held)))
        except OSError as error:
            if str(error) != said:
                _log.warning("nothing is learnt in the background: %s", error)
            return str(error)
        return said

    def _tell_status(self) -> None:
        if not self.shows_status or self._loop is None:
            return
        now = status.notice(self)
        if now != self._noticed:
            self._noticed = now
            self.protocol.notify(extensions.DID_CHANGE_STATUS, now)

    def _rejected(self, method: str, message: dict[str, Any]) -> None:
        """Trust no text of which an edit was lost."""
        try:
            if method == types.TEXT_DOCUMENT_DID_CHANGE:
                self.documents.distrust(message["params"]["textDocument"]["uri"])
            elif method == types.NOTEBOOK_DOCUMENT_DID_CHANGE:
                for cell in self.notebooks.cells(message["params"]["notebookDocument"]["uri"]):
                    self.documents.distrust(cell)
        except (KeyError, TypeError):
            _log.warning("an edit was lost and does not say of which document")


def _answered(reason: Reason) -> AnswerFuture:
    future: AnswerFuture = asyncio.get_running_loop().create_future()
    future.set_result(Answer(reason=reason))
    return future
