"""What tests of whole processes share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.daemon import Daemon

from foretype.model.registry import Registry


@pytest.fixture
def daemon(registry: Registry, tmp_path: Path) -> Iterator[Daemon]:  # noqa: ARG001  # where memories would go
    with Daemon(tmp_path) as daemon:
        yield daemon
