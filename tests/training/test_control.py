"""A run that another process holds: it waits, goes on, and saves itself when the pipe ends."""

from __future__ import annotations

import os
import threading
import time

import pytest

from foretype.training.control import Controlled
from foretype.training.train import Step

STEP = Step(1, 0.1, 8.0, 1000, 1.0)


class Steps:
    def __init__(self) -> None:
        self.count = 0

    def note(self, text: str) -> None:
        raise AssertionError(text)

    def step(self, step: Step) -> None:  # noqa: ARG002
        self.count += 1


def test_a_paused_run_waits_and_goes_on_and_ends_with_the_pipe() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as lines, os.fdopen(writing, "w", buffering=1) as pipe:
        steps = Steps()
        controlled = Controlled(steps, lines)
        controlled.step(STEP)
        pipe.write("pause\n")
        ended: list[BaseException] = []

        def run() -> None:
            try:
                while True:
                    controlled.step(STEP)
            except KeyboardInterrupt as error:
                ended.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(0.5)
        waiting = steps.count
        thread.join(0.2)
        assert steps.count == waiting
        assert thread.is_alive()
        pipe.write("go\n")
        deadline = time.monotonic() + 10
        while steps.count == waiting and time.monotonic() < deadline:
            time.sleep(0.001)
        pipe.close()
        thread.join(10)
        assert len(ended) == 1
        assert steps.count > waiting


def test_a_pipe_that_has_ended_interrupts_the_run() -> None:
    controlled = Controlled(Steps(), [])

    def run() -> None:
        for _ in range(1000):
            controlled.step(STEP)
            threading.Event().wait(0.01)

    with pytest.raises(KeyboardInterrupt):
        run()
