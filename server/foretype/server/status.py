"""What a server says of itself: to its client on request, and to whoever looks for the cause of a silence.

Returns JSON-ready values; knows nothing of the protocol.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from foretype.server.app import Server


def status(server: Server) -> dict[str, Any]:
    """Return the state of everything that belongs to one client; no text of documents is in it."""
    tally = server.outcomes.tally
    return {
        "version": server.version,
        "notice": notice(server),
        "model": {"loaded": server.suggestions.is_loaded, "network": server.suggestions.sessions.engine is not None},
        "memory": {"folders": [str(folder) for folder in server.memories.held], "bytes": server.memories.nbytes},
        "documents": [
            {
                "uri": uri,
                "language": document.language_id,
                "version": document.version,
                "characters": document.length,
                "trusted": document.trusted,
            }
            for uri, document in server.documents.items()
        ],
        "learning": server.learning.state,
        "states_bytes": server.suggestions.sessions.nbytes,
        "process_bytes": psutil.Process().memory_info().rss,
        "shown": tally.shown,
        "accepted": tally.accepted,
        "keys_saved": tally.keys_saved,
        "silences": {reason.value: count for reason, count in tally.silences.most_common()},
        "last_silence": tally.last_silence and tally.last_silence.value,
        "last_milliseconds": tally.last_milliseconds,
        "settings": asdict(server.settings),
    }


def notice(server: Server) -> dict[str, Any]:
    """Return what a status bar shows, in the shape that clients of other completion servers know."""
    if not server.settings.enabled:
        return _notice("Inactive", "Foretype is off")
    if not server.suggestions.is_loaded:
        return _notice("Normal", "Foretype loads its model", busy=True)
    if server.suggestions.sessions.engine is None:
        return _notice("Warning", "Foretype has no model: the memories answer alone; see `foretype doctor`")
    if server.memories.is_busy:
        return _notice("Normal", "Foretype reads the project", busy=True)
    return _notice("Normal", "Foretype is ready")


def _notice(kind: str, message: str, *, busy: bool = False) -> dict[str, Any]:
    return {"kind": kind, "busy": busy, "message": message}
