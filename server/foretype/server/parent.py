"""End with the editor: notice that the process which started us is gone.

Source: LSP 3.18, `InitializeParams.processId`: a server should exit when that process does not live any more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_CHECK_SECONDS = 2.0


def watch(process_id: int, ended: Callable[[], None], check_seconds: float = _CHECK_SECONDS) -> threading.Thread:
    """Call `ended` once from a daemon thread when the process is gone; at once if it was never there."""
    thread = threading.Thread(target=_wait, args=(process_id, ended, check_seconds), name="parent-watch", daemon=True)
    thread.start()
    return thread


def _wait(process_id: int, ended: Callable[[], None], check_seconds: float) -> None:
    import psutil

    try:
        process = psutil.Process(process_id)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(check_seconds)
    except psutil.NoSuchProcess:
        pass
    except psutil.AccessDenied:  # it lives, but is not ours to look at
        while psutil.pid_exists(process_id):
            time.sleep(check_seconds)
    ended()
