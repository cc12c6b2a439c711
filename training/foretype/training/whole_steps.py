"""An interrupt that waits for the end of a step: in the middle of one a run is partly where it was and partly further.

Knows nothing of what a step does.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def whole_steps() -> Iterator[Callable[[], None]]:
    """Hold an interrupt back; the function that is yielded raises KeyboardInterrupt if one came.

    A second one does not wait. Where interrupts are somebody else's, or are ignored, nothing changes.
    """
    came = threading.Event()

    def hold(*_: object) -> None:
        came.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def let_through() -> None:
        if came.is_set():
            raise KeyboardInterrupt

    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield let_through
        return
    signal.signal(signal.SIGINT, hold)
    try:
        yield let_through
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
