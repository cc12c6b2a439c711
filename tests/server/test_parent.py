"""The parent watch: it speaks up when the process is gone, and not before."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from foretype.server.parent import watch


def test_the_end_of_the_process_is_noticed() -> None:
    ended = threading.Event()
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    watch(process.pid, ended.set, check_seconds=0.01)
    assert not ended.wait(0.1)
    process.kill()
    assert ended.wait(10)
    assert process.stdin is not None
    process.stdin.close()
    process.wait()


def test_a_process_that_was_never_there_counts_as_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    ended = threading.Event()
    watch(process.pid, ended.set, check_seconds=0.01)
    assert ended.wait(10)


def test_a_living_process_is_left_in_peace() -> None:
    ended = threading.Event()
    watch(os.getpid(), ended.set, check_seconds=0.01)
    assert not ended.wait(0.1)
