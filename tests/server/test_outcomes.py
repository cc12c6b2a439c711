"""What is shown and what becomes of it reaches the ledger in numbers, and comes back as a shift of confidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from foretype.model.calibration import Look
from foretype.model.reason import Reason
from foretype.model.suggest import Answer, Suggestion
from foretype.server import statistics
from foretype.server.document import Change, Document, Position
from foretype.server.ledger import Ledger
from foretype.server.outcomes import Outcomes
from foretype.server.shifts import Shifts

URI = "file:///a.py"
LOOK = Look(-0.1, 5, 0, True)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


def answer(text: str, confidence: float = 0.6) -> Answer:
    return Answer((Suggestion(text, 0.6, confidence, 2.0, LOOK),))


class Author:
    """Type in one document that is watched."""

    def __init__(self, outcomes: Outcomes) -> None:
        self.outcomes = outcomes
        self.document = Document("", 1, "utf-16", "python")
        self.caret = Position(0, 0)

    def offered(self, text: str) -> None:
        self.outcomes.show(URI, self.document, self.caret, answer(text), asked=False)

    def put(self, text: str) -> None:
        change = Change(self.caret, self.caret, text)
        self.document.apply(change)
        self.caret = self.document.end_of(change)
        self.outcomes.edit(URI, self.document, text)


async def test_a_day_of_writing_is_counted(ledger: Ledger) -> None:
    outcomes = Outcomes(ledger)
    author = Author(outcomes)
    author.put("x")
    author.offered(" = value")
    author.put(" = value")
    author.put("\n")
    author.offered("return x")
    author.put("y")
    outcomes.answered(Answer(reason=Reason.BELOW_EAGERNESS), "python", 2.0)
    outcomes.stop()
    ledger.close()
    total = statistics.read(ledger.path).total
    assert (total.shown, total.saved) == (2, 7)
    assert total.silences == {"below_eagerness": 1}
    assert outcomes.tally.shown == 2
    assert outcomes.tally.accepted == 1


async def test_right_suggestions_raise_and_wrong_ones_lower_later_confidence(tmp_path: Path) -> None:
    shifts = []
    for right in (True, False):
        ledger = Ledger(tmp_path / f"{right}.sqlite")
        outcomes = Outcomes(ledger)
        author = Author(outcomes)
        for _ in range(60):
            author.offered("value = 1")
            author.put("value = 1" if right else "x")
            author.put("\n")
        outcomes.stop()
        ledger.close()
        shifts.append(Shifts(ledger.path).of("python"))
    assert shifts[0] > 0.3
    assert shifts[1] < -0.3


def test_without_a_ledger_nothing_is_shifted() -> None:
    assert Shifts(None).of("python") == 0


def test_a_damaged_ledger_shifts_nothing_and_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    damaged = tmp_path / "ledger.sqlite"
    damaged.write_bytes(b"no database" * 1000)
    shifts = Shifts(damaged)
    assert [shifts.of("python") for _ in range(3)] == [0, 0, 0]
    assert caplog.text.count("confidence stays") == 1
