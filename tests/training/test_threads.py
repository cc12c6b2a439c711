"""Threads: OpenMP is told how to wait before it asks, unless the user has told it already."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from foretype.training import threads

PROGRAM = """
import importlib, os, sys
module = importlib.import_module(sys.argv[1])
assert "torch" not in sys.modules, "torch was imported before the command ran"
from foretype.training import threads
threads.settle(busy=0.0)
print(os.environ["OMP_WAIT_POLICY"])
"""


@pytest.mark.parametrize("command", ["train", "demo"])
@pytest.mark.parametrize(("before", "after"), [(None, "ACTIVE"), ("PASSIVE", "PASSIVE")])
def test_a_training_command_is_in_time_to_choose_how_threads_wait(command: str, before: str | None, after: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    if before is not None:
        environment["OMP_WAIT_POLICY"] = before
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, f"foretype.training.commands.{command}"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == after


@pytest.mark.parametrize(
    ("busy", "told", "threads_used"), [(0.05, None, None), (0.9, None, "1"), (0.9, "4", "4"), (0.05, "4", "4")]
)
def test_beside_busy_programs_one_thread_learns_unless_the_user_has_said_how_many(
    monkeypatch: pytest.MonkeyPatch, busy: float, told: str | None, threads_used: str | None
) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")  # so that it is put back afterwards
    monkeypatch.setenv("OMP_NUM_THREADS", told or "")
    if told is None:
        monkeypatch.delenv("OMP_NUM_THREADS")
    line = threads.settle(busy)
    assert os.environ.get("OMP_NUM_THREADS") == threads_used
    assert ("one thread" in line) == (told is None and threads_used == "1")
