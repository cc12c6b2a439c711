"""A ledger of one evening, and what its file holds."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from foretype.server.ledger import Batch, Fate, Ledger, Outcome
from foretype.server.ledger_file import LedgerFile, connect

NOW = 1_700_000_000
DAY = 86_400
OUTCOME = Outcome(NOW, "python", 12, 12, 11, Fate.ACCEPTED, 0.75, right=True)


def opened(path: Path) -> Ledger:
    return Ledger(path, lambda: NOW)


def rows(path: Path, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(connect(path)) as connection:
        return connection.execute(statement, values).fetchall()


def count(path: Path) -> int:
    return int(rows(path, "SELECT count(*) FROM outcomes")[0][0])


def batch_of(*outcomes: Outcome) -> Batch:
    batch = Batch()
    for token, outcome in enumerate(outcomes):
        batch.add_outcome(token, outcome)
    return batch


def write(path: Path, batch: Batch, now: float = NOW) -> None:
    file = LedgerFile(path, lambda: now)
    try:
        file.write(batch)
    finally:
        file.close()


def wait_until(holds: Callable[[], bool]) -> None:
    limit = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.02)
