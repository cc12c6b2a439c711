"""A JSON file that is held against a size before it is read. Knows nothing of what is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from foretype.model.patience import patiently

_MOST_BYTES = 1 << 28
"""A hundred times what the largest of our own has."""


def read_json(path: Path, most_bytes: int = _MOST_BYTES) -> Any:
    """Return what the file holds; one of `errors.DAMAGE` is raised where that cannot be had."""
    with patiently(lambda: path.open("rb")) as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise ValueError(f"more than {most_bytes} bytes")
    return json.loads(content.decode("utf-8", "surrogatepass"))
