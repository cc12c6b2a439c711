"""Counting: what was shown, what became of it, how long it took and why there was silence.

Watches the documents of one client and tells the ledger, which all clients may share; the text itself stays here and
is forgotten after some minutes. On the event loop's thread. Knows nothing of the protocol.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from foretype.model.reason import Reason
from foretype.model.suggest import Answer
from foretype.server.acceptance import Acceptance, Ending, keys_typed, retained_share
from foretype.server.document import Document, Position
from foretype.server.ledger import Ledger, Outcome, RetainedAfter

_LOOKS: tuple[RetainedAfter, ...] = (30, 300)
"""Seconds after which it is looked whether what was accepted still stands."""


@dataclass(slots=True)
class Tally:
    """Count what one client has seen since it came, for its status."""

    shown: int = 0
    accepted: int = 0
    keys_saved: int = 0
    silences: Counter[Reason] = field(default_factory=Counter)
    last_silence: Reason | None = None
    """Why the last answer was empty, None if it was not."""
    last_milliseconds: float | None = None


class Outcomes:
    """Own what is watched of one client's documents."""

    def __init__(self, ledger: Ledger | None, shift_of: Callable[[str], float] = lambda _: 0.0) -> None:
        """Start with nothing; without a ledger only the tally is kept.

        `shift_of` tells how far the confidence in a language's suggestions was moved, in logits.
        """
        self._shift_of = shift_of
        self.ledger = ledger
        self.tally = Tally()
        self._watched: dict[str, Acceptance] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    def answered(self, answer: Answer, language: str, milliseconds: float) -> None:
        """Count an answer that is on its way to the client."""
        self.tally.last_milliseconds = milliseconds
        self.tally.last_silence = answer.reason
        if answer.reason is not None:
            self.tally.silences[answer.reason] += 1
        if self.ledger is not None:
            self.ledger.latency(milliseconds, language)
            if answer.reason is not None:
                self.ledger.silence(answer.reason, language)

    def show(self, uri: str, document: Document, position: Position, answer: Answer, *, asked: bool) -> None:
        """Watch the first suggestion of an answer, as it is shown now."""
        if not answer.suggestions:
            return
        first = answer.suggestions[0]
        watched = self._watched.setdefault(uri, Acceptance())
        before = watched.watches
        self._record(document, watched.show(document, position, first.text, first.confidence, asked=asked))
        self.tally.shown += watched.watches - before

    def edit(self, uri: str, document: Document, inserted: str) -> None:
        """Look what an edit, which put in `inserted`, has made of what was shown."""
        watched = self._watched.get(uri)
        taken = False
        if watched is not None:
            accepted = watched.accepted
            endings = watched.look(document)
            taken = watched.accepted != accepted or any(ending.accepted for ending in endings)
            self._record(document, endings)
        if self.ledger is not None and not taken and (keys := keys_typed(inserted)):
            self.ledger.typed(keys, document.language_id)

    def close(self, uri: str, document: Document | None) -> None:
        """Watch a document no longer."""
        watched = self._watched.pop(uri, None)
        if watched is not None and document is not None:
            self._record(document, watched.close())

    def stop(self) -> None:
        """Look at nothing any more."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _record(self, document: Document, endings: list[Ending]) -> None:
        for ending in endings:
            self.tally.accepted += ending.accepted > 0
            self.tally.keys_saved += ending.keys_saved
            if self.ledger is not None:
                token = self.ledger.record(_outcome(ending, document.language_id, self._shift_of(document.language_id)))
                if ending.accepted:
                    self._look_again(self.ledger, token, document, ending)

    def _look_again(self, ledger: Ledger, token: int, document: Document, ending: Ending) -> None:
        loop = asyncio.get_running_loop()

        def look(seconds: RetainedAfter) -> None:
            self._timers = {timer for timer in self._timers if timer.when() > loop.time()}
            ledger.retained(token, seconds, retained_share(document, ending))

        self._timers |= {loop.call_later(seconds, look, seconds) for seconds in _LOOKS}


def _outcome(ending: Ending, language: str, shift: float) -> Outcome:
    return Outcome(
        when=int(time.time()),
        language=language,
        shown=len(ending.shown),
        accepted=ending.accepted,
        keys_saved=ending.keys_saved,
        how=ending.how,
        confidence=ending.confidence,
        right=ending.right,
        asked=ending.asked,
        shift=shift,
    )
