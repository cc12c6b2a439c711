"""A server that knows one small text by heart, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.conftest import network_alone
from tests.server.wire import Wire

from foretype.model.engine import Engine


@pytest.fixture
async def wire(learnt_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("foretype.model.mixture.shipped", network_alone)
    wire = Wire(learnt_engine)
    await wire.initialize()
    wire.open("def ")
    wire.messages()
    yield wire
    wire.server.suggestions.stop()


@pytest.fixture
def fresh(learnt_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    monkeypatch.setattr("foretype.model.mixture.shipped", network_alone)
    wire = Wire(learnt_engine)
    yield wire
    wire.server.suggestions.stop()
