"""What another program's hold on a file prevents for a moment is tried again.

Windows refuses to replace, move or open a file while another program has it open without sharing that: a server that
reads a manifest, a scanner that looks at what was just written. Elsewhere no such hold exists, and nothing is tried
twice. Source: MoveFileEx and CreateFile in Microsoft's documentation, "sharing mode".
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

PATIENCE_SECONDS = 2.0 if sys.platform == "win32" else 0.0
_PAUSE_SECONDS = 0.01


def patiently(act: Callable[[], Result], seconds: float = PATIENCE_SECONDS) -> Result:
    """Return what `act` does, tried again for some seconds while it raises PermissionError."""
    end = time.monotonic() + seconds
    while True:
        try:
            return act()
        except PermissionError:
            if time.monotonic() >= end:
                raise
        time.sleep(_PAUSE_SECONDS)
