"""Which model serves: read once for all clients, and exchanged under a running server when another is promoted."""

from __future__ import annotations

import asyncio
import shutil
from typing import Any

import pytest
from tests.conftest import TINY, random_weights
from tests.server.wire import ASK, Wire

from foretype.model.engine import Engine
from foretype.model.errors import UserError
from foretype.model.export import export
from foretype.model.registry import Registry
from foretype.server import app
from foretype.server.engines import Engines


def add_version(registry: Registry) -> None:
    weights = random_weights(TINY, seed=7)
    registry.promote("tiny", registry.add("tiny", TINY, weights, export(TINY, weights), {}))


def test_the_engine_is_read_once_and_anew_when_another_version_is_promoted(tiny_registry: Registry) -> None:
    engines = Engines(None)
    first = engines.current()
    assert engines.current() is first
    add_version(tiny_registry)
    second = engines.current()
    assert second is not first
    assert engines.current() is second
    tiny_registry.roll_back("tiny")
    assert engines.current() is not second


def test_a_model_that_is_gone_is_told_as_an_error(tiny_registry: Registry) -> None:
    engines = Engines("tiny")
    engines.current()
    shutil.rmtree(tiny_registry.root / "models" / "tiny")
    with pytest.raises(UserError, match="no model named"):
        engines.current()


async def ask(wire: Wire) -> list[Any]:
    answer = await wire.request("textDocument/inlineCompletion", ASK)
    items: list[Any] = answer["result"]["items"]
    return items


async def until(condition: Any) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nothing changed within 5 seconds")


async def test_a_server_exchanges_its_model_and_loses_no_suggestion(
    fresh: Wire, tiny_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "_MODEL_SECONDS", 0.01)
    sessions = fresh.server.suggestions.sessions
    await fresh.initialize()
    fresh.open("def ")
    before = await ask(fresh)
    assert before
    learnt, serving = sessions.engine, [tiny_engine]
    monkeypatch.setattr(fresh.server, "_load_engine", lambda: serving[0])
    await until(lambda: sessions.engine is tiny_engine)
    assert await ask(fresh) != before
    assert learnt is not None
    serving[0] = learnt
    await until(lambda: sessions.engine is learnt)
    assert await ask(fresh) == before


@pytest.mark.parametrize("error", [UserError("damaged"), OSError("gone"), RuntimeError("a defect")])
async def test_a_model_that_cannot_be_read_leaves_the_old_one_serving(
    fresh: Wire,
    tiny_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    def fail() -> Engine:
        raise error

    monkeypatch.setattr(app, "_MODEL_SECONDS", 0.01)
    await fresh.initialize()
    fresh.open("def ")
    assert await ask(fresh)
    monkeypatch.setattr(fresh.server, "_load_engine", fail)
    await until(lambda: "the old one serves on" in caplog.text)
    assert await ask(fresh)
    assert fresh.messages() == []
    monkeypatch.setattr(fresh.server, "_load_engine", lambda: tiny_engine)
    await until(lambda: fresh.server.suggestions.sessions.engine is tiny_engine)


async def test_a_disk_that_refuses_learning_does_not_end_the_watch_for_other_models(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, tiny_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: object) -> None:
        raise OSError("Read-only file system")

    monkeypatch.setattr(app, "_MODEL_SECONDS", 0.01)
    monkeypatch.setattr(wire.server.learning, "tick", refuse)
    monkeypatch.setattr(wire.server, "_load_engine", lambda: tiny_engine)
    watch = asyncio.get_running_loop().create_task(wire.server._watch_model())
    while wire.server.suggestions.sessions.engine is not tiny_engine:
        await asyncio.sleep(0.01)
        assert not watch.done()
    watch.cancel()
    assert caplog.text.count("Read-only file system") == 1
