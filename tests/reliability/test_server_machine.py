"""Whatever a client does, in whatever order: one right answer a request, the client's text, nothing left at the end."""

from __future__ import annotations

import itertools
import logging
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.conftest import TINY, random_weights
from tests.reliability.server_machine import machine

from foretype.model.engine import Engine
from foretype.model.export import export
from foretype.model.registry import DATA_DIR_VARIABLE
from foretype.server.ledger import Ledger

_STEPS = 30
"""In one life of a server."""


def test_a_server_keeps_its_promises_whatever_a_client_does(
    tiny_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("pygls"), "level", logging.CRITICAL)  # as `serve` does
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path))
    other = Engine(TINY, export(TINY, random_weights(TINY, seed=1)))
    numbers = itertools.count()
    made = machine([tiny_engine, other], lambda: Ledger(tmp_path / f"ledger-{next(numbers)}.sqlite"))
    how = settings(
        deadline=None,
        max_examples=settings().max_examples // 2,
        suppress_health_check=list(HealthCheck),
        stateful_step_count=_STEPS,
    )
    run_state_machine_as_test(made, settings=how)
