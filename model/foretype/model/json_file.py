"""A JSON file that is held against a size before it is read. Knows nothing of what is in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_MOST_BYTES = 1 << 28
"""A hundred times what the largest of our own has."""


def read_json(path: Path) -> Any:
    """Return what the file holds; one of `errors.DAMAGE` is raised where that cannot be had."""
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"more than {_MOST_BYTES} bytes")
    return json.loads(content.decode("utf-8", "surrogatepass"))
