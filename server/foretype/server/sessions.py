"""The sessions of the open documents: least recently used ones give up their states when memory runs short.

Used by one worker thread alone. Knows nothing of futures or of the protocol.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from foretype.model import mixture
from foretype.model.engine import Engine
from foretype.model.errors import UserError
from foretype.model.language import header_of
from foretype.model.reason import Reason
from foretype.model.segment import Mask, Segment
from foretype.model.session import Session
from foretype.model.suggest import Answer, suggest
from foretype.server.answers import Query
from foretype.server.memories import Memories
from foretype.server.settings import Settings

_log = logging.getLogger(__name__)

Segments = list[tuple[Segment, Mask]]


@dataclass(slots=True)
class _Open:
    """Hold the session of a document and the version of the memory that it uses."""

    session: Session
    memory_version: int


class Sessions:
    """Own a session per document."""

    def __init__(
        self,
        memories: Memories,
        shift_of: Callable[[str], float] = lambda _: 0.0,
        budget_bytes: int = Settings().states_bytes,
    ) -> None:
        """Start with none; without an engine the memories answer alone.

        `shift_of` tells how far the confidence in a language's suggestions is moved, in logits.
        """
        self._shift_of = shift_of
        self.engine: Engine | None = None
        self._memories = memories
        self.budget_bytes = budget_bytes
        self._by_uri: OrderedDict[str, _Open] = OrderedDict()
        self._said = ""

    @property
    def nbytes(self) -> int:
        """Size of all cached states, in bytes."""
        return sum(opened.session.nbytes for opened in self._by_uri.copy().values())  # a status asks from elsewhere

    def answer(
        self,
        uri: str,
        query: Query,
        *,
        supposed: bool,
        cancelled: Callable[[], bool],
        late: Callable[[], bool],
    ) -> Answer:
        """Return the suggestions for a query; `supposed` when the user has not typed its text, but might.

        Whatever goes wrong is logged, a network that fails at every key once: a keystroke never raises a popup.
        """
        try:
            session = self.session(uri, query)
            if supposed:
                with session.supposing():
                    return suggest(session, query.prefix, query.suffix, query.options, cancelled, late)
            return suggest(session, query.prefix, query.suffix, query.options, cancelled, late)
        except UserError as error:
            if str(error) != self._said:
                self._said = str(error)
                _log.error("no suggestions until another model serves: %s", error)
            return Answer(reason=Reason.FAILED)
        except Exception:  # noqa: BLE001  # see above
            _log.exception("no suggestion for %s", uri)
            return Answer(reason=Reason.FAILED)
        finally:
            self._make_room()

    def use(self, engine: Engine) -> None:
        """Answer with this engine from now on; the states of another mean nothing to it."""
        self.engine = engine
        self._said = ""
        self._by_uri.clear()

    def close(self, uri: str) -> None:
        """Free what belongs to a document."""
        self._by_uri.pop(uri, None)

    @property
    def uris(self) -> list[str]:
        """The documents that have a session, the one used last at the end."""
        return list(self._by_uri)

    def session(self, uri: str, query: Query) -> Session:
        """Return the document's session, with its project's memory as it is by now."""
        path = query.path
        version = self._memories.version(path)
        opened = self._by_uri.get(uri)
        if opened is None:
            session = Session(self.engine, header_of(path), mixture.shipped(), *self._memories_of(path))
            session.record.bias = self._shift_of(query.language)
            self._by_uri[uri] = opened = _Open(session, version)
        elif opened.memory_version != version:
            opened.session.remember(*self._memories_of(path))
            opened.memory_version = version
        self._by_uri.move_to_end(uri)
        return opened.session

    def _memories_of(self, path: str) -> tuple[Segments, Segments]:
        return self._memories.around(path), self._memories.beside(path)

    def _make_room(self) -> None:
        while len(self._by_uri) > 1 and self.nbytes > self.budget_bytes:
            self._by_uri.popitem(last=False)
