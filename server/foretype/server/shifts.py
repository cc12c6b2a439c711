"""How far real outcomes have moved the confidence of suggestions, by language, looked up in the ledger once an hour.

Knows nothing of how a shift is found or of what it is used for.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path

from foretype.model.errors import UserError
from foretype.server.recalibration import bias
from foretype.server.statistics import newest_pairs

_log = logging.getLogger(__name__)

_GOOD_SECONDS = 3600.0


class Shifts:
    """Answer for one ledger."""

    def __init__(self, ledger: Path | None) -> None:
        """Read nothing yet; without a ledger nothing is shifted."""
        self._ledger = ledger
        self._known: dict[str, tuple[float, float]] = {}

    def of(self, language: str) -> float:
        """Return what to add to a suggestion's score, in logits; from any thread."""
        if self._ledger is None:
            return 0.0
        looked, shift = self._known.get(language, (float("-inf"), 0.0))
        now = time.monotonic()
        if now - looked > _GOOD_SECONDS:
            try:
                shift = bias(newest_pairs(self._ledger, language))
            except UserError as error:
                _log.warning("confidence stays as it was: %s", error)
            self._known[language] = now, shift
        return shift
