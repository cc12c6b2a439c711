"""The engine that serves all clients of a process: read from disk once, and anew when another model is to serve."""

from __future__ import annotations

import threading

from foretype.model.engine import Engine
from foretype.model.registry import Registry


class Engines:
    """Own the engine; may be asked from any thread."""

    def __init__(self, model: str | None) -> None:
        """Serve this name or path, by default the model that is promoted; nothing is read yet."""
        self._model = model
        self._lock = threading.Lock()
        self._read: tuple[tuple[str, int], Engine] | None = None

    def current(self) -> Engine:
        """Return the engine of the model that is to serve now, the same one until that is another.

        A model that cannot be had raises UserError.
        """
        with self._lock:
            found = Registry.default().find(self._model)
            # a folder that was trained anew under the same path has another time
            mark = str(found.folder), found.folder.stat().st_mtime_ns
            if self._read is None or self._read[0] != mark:
                self._read = mark, found.engine()
            return self._read[1]
