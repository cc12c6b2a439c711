"""Kill whoever writes memories, the ledger or models at random moments.

`python -m tests.reliability.kills_of_stores 500` does so 500 times each. Whatever the moment, every store opens and is
whole, nothing that was reported as written is gone, and the next writer goes on. What kills do to training is in
tests/training/kills.py.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from functools import cache
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import numpy as np
from tests.conftest import TINY, random_weights, write_project

from foretype.model import checkpoint, indexing, memory, segment
from foretype.model.export import export
from foretype.model.registry import DATA_DIR_VARIABLE, Registry
from foretype.server.ledger import Batch, Fate, Outcome
from foretype.server.ledger_file import MOST_OUTCOMES, LedgerFile

_NAME = "mine"
_LONGEST_SECONDS = {"memory": 0.5, "ledger": 0.15, "promotion": 0.15}
_OUTCOMES_PER_BATCH = 20

Written = Synchronized  # of int: how many writes came back


def write_memories(data: Path, project: Path, written: Written[int]) -> None:
    """Change a file and bring the memory up to date, for ever."""
    folder = memory.folder_of(data / "memories", project)
    draws = random.Random(written.value)
    for number in itertools.count():
        path = project / f"names_{draws.randrange(4)}.py"
        path.write_text(f"number_{number} = {draws.random()}\n" * 30)
        indexing.refresh_file(folder, project, path)
        written.value += 1


def write_ledgers(data: Path, project: Path, written: Written[int]) -> None:  # noqa: ARG001  # as the others
    """Write batches of outcomes, for ever."""
    file = LedgerFile(data / "ledger.sqlite")
    now = int(time.time())  # what is old is dropped
    while True:
        batch = Batch()
        for one in range(_OUTCOMES_PER_BATCH):
            token = int.from_bytes(os.urandom(7))
            batch.add_outcome(token, Outcome(now, "python", one, 0, 0, Fate.DISMISSED, 0.5, right=False))
        file.write(batch)
        written.value += 1


def write_versions(data: Path, project: Path, written: Written[int]) -> None:  # noqa: ARG001
    """Add versions, promote them, roll back and remove the oldest, for ever."""
    registry = Registry(data)
    weights, graph = _network()
    while True:
        registry.promote(_NAME, registry.add(_NAME, TINY, weights, graph, {}))
        registry.use(_NAME)
        written.value += 1
        if len(versions := registry.versions(_NAME)) > 3:
            registry.roll_back(_NAME)
            registry.remove(_NAME, versions[0])


@cache
def _network() -> tuple[dict[str, np.ndarray], bytes]:
    weights = random_weights(TINY)
    return weights, export(TINY, weights)


def look_at_memories(data: Path, project: Path, written: int) -> None:
    """Raise if the memory is not whole or does not answer."""
    found = memory.load(memory.folder_of(data / "memories", project))
    if found is None:
        assert not written
        return
    for part in found.parts:
        for file in part.files:
            assert segment.digest_of(part.segment.text_of(file)) == file.digest
    assert found.digests().keys() == found.stamps.keys()


def look_at_ledgers(data: Path, project: Path, written: int) -> None:  # noqa: ARG001
    """Raise if the ledger is not whole, a batch is there in part, or one that was reported as written is gone."""
    if not (data / "ledger.sqlite").exists():
        assert not written
        return
    with closing(sqlite3.connect(data / "ledger.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        try:
            (count,) = connection.execute("SELECT count(*) FROM outcomes").fetchone()
        except sqlite3.OperationalError:  # killed before the tables were there
            count = 0
    assert count % _OUTCOMES_PER_BATCH == 0
    assert count >= min(written * _OUTCOMES_PER_BATCH, MOST_OUTCOMES)
    assert not list(data.glob("*.damaged*"))


def look_at_versions(data: Path, project: Path, written: int) -> None:  # noqa: ARG001
    """Raise if a version is not whole or what serves is none."""
    registry = Registry(data)
    for version in registry.versions(_NAME):
        checkpoint.load(data / "models" / _NAME / version)
    assert registry.find().engine()
    if written:
        assert registry.promoted(_NAME) in registry.versions(_NAME)


WRITERS: dict[str, tuple[Callable[..., None], Callable[..., None]]] = {
    "memory": (write_memories, look_at_memories),
    "ledger": (write_ledgers, look_at_ledgers),
    "promotion": (write_versions, look_at_versions),
}


def kill(store: str, count: int, seed: int) -> tuple[int, int]:
    """Kill a writer `count` times and look at what is left; return how many writes came back and what lies about."""
    if sys.platform == "win32":
        raise RuntimeError("Windows has no fork")
    write, look = WRITERS[store]
    draws = random.Random(seed)
    context = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory(prefix="foretype-kills-") as scratch:
        project, data = write_project(Path(scratch) / "project", 4).resolve(), Path(scratch) / "data"
        os.environ[DATA_DIR_VARIABLE] = str(data)
        written = context.Value("q", 0, lock=False)
        if store == "promotion":
            _network()  # not for every child anew; a fork after torch has computed would hang in what memories use
        for _ in range(count):
            process = context.Process(target=write, args=(data, project, written))
            process.start()
            time.sleep(draws.random() * _LONGEST_SECONDS[store])
            process.kill()
            process.join()
            look(data, project, written.value)
        return int(written.value), _left_over(data, project, store)


def _left_over(data: Path, project: Path, store: str) -> int:
    """Let an orderly writer come, and return how many half-written things are left after it."""
    if store == "memory":
        indexing.refresh(memory.folder_of(data / "memories", project), project)
    elif store == "promotion":
        Registry(data).sweep(_NAME)
    names = Counter(path.name for path in data.rglob(".*-*"))
    return sum(count for name, count in names.items() if not name.startswith((".promoted-", ".current-")))


if __name__ == "__main__":
    kills, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for store in WRITERS:
        writes, left = kill(store, kills, seed)
        sys.stdout.write(f"{store}: {kills} kills, {writes} writes came back, nothing lost, {left} leftovers\n")
