"""How the threads of training share the machine with everything else on it.

A recurrent network meets a barrier at every step of time. By default OpenMP's threads give way to any other process
while they wait there, even to one of the lowest priority, and training came to a fortieth of its speed (docs/log.md).
Waiting actively costs nothing that training would not use anyway.
"""

from __future__ import annotations

import os

_WAIT_POLICY = "OMP_WAIT_POLICY"


def wait_actively() -> None:
    """Tell OpenMP how to wait, unless the user has; without effect once torch was imported."""
    os.environ.setdefault(_WAIT_POLICY, "ACTIVE")
