"""Threads and processes that write one ledger at once lose nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from tests.server.ledger.book import OUTCOME, count, opened, rows, write

from foretype.server.ledger import Batch, Ledger


def test_threads_and_ledgers_of_one_process_lose_nothing(path: Path) -> None:
    books = [opened(path) for _ in range(3)]

    def work(book: Ledger) -> None:
        for _ in range(200):
            book.record(OUTCOME)
            book.typed(1, "python")

    threads = [threading.Thread(target=work, args=(book,)) for book in books for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for book in books:
        book.close()
    assert count(path) == 9 * 200
    assert rows(path, "SELECT characters FROM typed") == [(9 * 200,)]


PROGRAM = """
import sys
from pathlib import Path
from foretype.server.ledger import Batch, Fate, Ledger, Outcome
from foretype.server.ledger_file import LedgerFile
path = Path(sys.argv[1])
outcome = Outcome(1_700_000_000, "python", 12, 12, 11, Fate.ACCEPTED, 0.75, right=True)
"""


def process(program: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM + program, str(path)], stdout=subprocess.PIPE, text=True)


def test_processes_that_begin_and_write_at_once_lose_nothing(path: Path) -> None:
    program = """
book = Ledger(path, lambda: 1_700_000_000)
for _ in range(100):
    book.record(outcome)
    book.typed(1, "python")
book.close()
"""
    running = [process(program, path) for _ in range(4)]
    for one in running:
        one.communicate(timeout=60)
        assert one.returncode == 0
    assert count(path) == 400
    assert rows(path, "SELECT characters FROM typed") == [(400,)]


def test_a_process_killed_while_it_writes_leaves_whole_batches(path: Path) -> None:
    program = """
file, token = LedgerFile(path, lambda: 1_700_000_000), 0
while True:
    batch = Batch()
    for token in range(token, token + 50):
        batch.add_outcome(token, outcome)
        batch.add_typed(738_800, "python", 1)
    token += 1
    file.write(batch)
    print(token, flush=True)
"""
    with process(program, path) as writer:
        assert writer.stdout is not None
        for _ in range(5):
            writer.stdout.readline()
        writer.kill()
    write(path, Batch())
    found = count(path)
    assert found >= 250
    assert found % 50 == 0
    assert rows(path, "SELECT characters FROM typed") == [(found,)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
