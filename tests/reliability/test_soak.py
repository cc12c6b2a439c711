"""A few thousand messages leave a server as they found it; the long run is `make soak`."""

from __future__ import annotations

import pytest
from tests.reliability.soak import soak

from foretype.model.registry import DATA_DIR_VARIABLE

_MOST_GROWTH_PERCENT = 15
"""In a run so short the allocator is still finding its size; a leak per message would be far above."""


def test_thousands_of_messages_leak_neither_memory_nor_descriptors_nor_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATA_DIR_VARIABLE, "")  # put back when the soak has changed it
    found = soak(0.02)
    looks = found["looks"]
    warm = looks[len(looks) // 2]
    assert found["messages"] > 15_000
    assert found["suggestions"] == 1000
    assert [(look["documents"], look["states_bytes"]) for look in looks] == [(0, 0)] * len(looks)
    assert looks[-1]["rss_mb"] < warm["rss_mb"] * (1 + _MOST_GROWTH_PERCENT / 100)
    assert looks[-1]["descriptors"] <= warm["descriptors"] + 4
    assert looks[-1]["threads"] <= warm["threads"] + 2
