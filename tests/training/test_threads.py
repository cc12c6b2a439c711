"""Threads: OpenMP is told how to wait before it asks, unless the user has told it already."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import importlib, os, sys
module = importlib.import_module(sys.argv[1])
assert "torch" not in sys.modules, "torch was imported before the command ran"
from foretype.training import threads
threads.wait_actively()
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
