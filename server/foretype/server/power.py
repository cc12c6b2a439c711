"""Whether the machine runs on battery. Knows nothing of what depends on it."""

from __future__ import annotations

import time

_LOOK_SECONDS = 30.0


class Power:
    """Look at the machine's battery, once in a while."""

    def __init__(self) -> None:
        """Look at the first question."""
        self._looked = -_LOOK_SECONDS
        self._on_battery = False

    def is_on_battery(self) -> bool:
        """Tell whether the machine runs on battery, as far as the system says."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_SECONDS:
            import psutil

            battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
            self._looked, self._on_battery = now, battery is not None and battery.power_plugged is False
        return self._on_battery
