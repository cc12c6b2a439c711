"""How the threads of training share the machine with everything else on it.

A recurrent network meets a barrier at every step of time. By default OpenMP's threads give way to any other process
while they wait there, even to one of the lowest priority, and training came to a fortieth of its speed (docs/log.md).
Waiting actively costs nothing that training would not use anyway. Beside programs that do not give way it helps little:
two threads wait for each other through every time slice that one of them is without a core, and one is faster alone.
"""

from __future__ import annotations

import os

import psutil

_WAIT_POLICY, _THREADS = "OMP_WAIT_POLICY", "OMP_NUM_THREADS"
_LOOK_SECONDS = 0.5
_BUSY = 0.3
"""Share of the machine that others may use before one thread is better than several."""


def settle(busy: float | None = None) -> str:
    """Tell OpenMP how to wait and with how many threads, unless the user has; without effect once torch was imported.

    Returns a line where that is one because the machine is busy, else an empty string. `busy` is the share of it that
    is in use; by default it is looked at.
    """
    os.environ.setdefault(_WAIT_POLICY, "ACTIVE")
    if _THREADS in os.environ:
        return ""
    used = psutil.cpu_percent(_LOOK_SECONDS) / 100 if busy is None else busy
    if used < _BUSY:
        return ""
    os.environ[_THREADS] = "1"
    return f"other programs use {used:.0%} of this machine: one thread, which they slow down less than several"
