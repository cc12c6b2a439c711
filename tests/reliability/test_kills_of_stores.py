"""A kill at any moment leaves memory, ledger and models whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither fork nor SIGKILL")
@pytest.mark.parametrize("store", ["memory", "ledger", "promotion"])
def test_whatever_the_moment_of_a_kill_the_store_is_whole_and_what_was_written_is_there(store: str) -> None:
    # in a process of its own, in which nothing has begun threads: they would not be there after a fork
    program = f"from tests.reliability.kills_of_stores import kill; print(*kill({store!r}, 25, seed=1))"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT)
    assert said.returncode == 0, said.stderr
    writes, left_over = map(int, said.stdout.split())
    assert writes > 0
    assert left_over == 0
