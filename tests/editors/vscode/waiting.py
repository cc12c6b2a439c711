"""Waiting for what must come, for as long as a loaded machine may need."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

DEADLINE_SECONDS = 90.0
_LOOK_SECONDS = 0.1


def wait_until(condition: Callable[[], T], what: str) -> T:
    """Return what `condition` returns as soon as that is true; fail with `what` was waited for."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {DEADLINE_SECONDS:.0f} s: {what}"
        time.sleep(_LOOK_SECONDS)
    return value


def wait_for(expected: T, actual: Callable[[], T], what: str) -> bool:
    """Wait until `actual` returns `expected`, then return True; fail with what it returned last."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (value := actual()) != expected:
        assert time.monotonic() < deadline, f"{what}: expected {expected!r}, got {value!r}"
        time.sleep(_LOOK_SECONDS)
    return True
