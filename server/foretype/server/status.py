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
        "summary": summary(server),
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


def summary(server: Server) -> str:
    """Return one line for a status bar: what keeps the server from speaking, or that nothing does."""
    if not server.settings.enabled:
        return "off"
    if not server.suggestions.is_loaded:
        return "the model is being loaded"
    if server.memories.is_busy:
        return "the project is being read"
    return "ready"
