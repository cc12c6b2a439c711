"""Thousands of messages made from LSP's own model, valid and not: every request gets one answer, nothing falls over.

They are drawn (`drawn_messages.py`), or `FORETYPE_LSP_MESSAGES` names a file, which may be compressed, of what the
`testdata` plugin of microsoft/lsprotocol's generator makes: one JSON object a line with `kind`, `valid` and `message`.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from tests.server.drawn_messages import drawn
from tests.server.wire import ASK, Wire

from foretype.model.engine import Engine
from foretype.server import greeting

VARIABLE = "FORETYPE_LSP_MESSAGES"
PHASES = ("initialize", "shutdown", "exit")
ERRORS = {-32700, -32600, -32601, -32602}

DRAWN = 12
"""Of each method."""


def messages(
    kind: Literal["request", "notification"], *, phases: bool = False
) -> Iterator[tuple[bool | None, dict[str, Any]]]:
    """Yield messages that begin or end a conversation, or all others, and whether they are valid, None if unknown."""
    every = read(Path(os.environ[VARIABLE]), kind) if VARIABLE in os.environ else drawn(kind, DRAWN)
    for valid, message in every:
        if (message.get("method") in PHASES) == phases:
            yield valid, message


def read(path: Path, kind: str) -> Iterator[tuple[bool, dict[str, Any]]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for line in lines:
            row = json.loads(line)
            if row["kind"] == kind:
                yield row["valid"], row["message"]


async def settled(wire: Wire) -> list[dict[str, Any]]:
    """Return what the server says until it has nothing more to say."""
    said = wire.messages()
    while wire.server.suggestions.is_busy:
        await asyncio.sleep(0.005)
    for _ in range(5):  # an answer passes through several futures
        await asyncio.sleep(0)
    return said + wire.messages()


async def test_every_request_gets_exactly_one_answer(wire: Wire) -> None:
    answers: Counter[str] = Counter()
    for number, (valid, message) in enumerate(messages("request")):
        wire.send({**message, "id": f"r{number}"})
        said = [one for one in await settled(wire) if "method" not in one]
        assert [one["id"] for one in said] == [f"r{number}"], message
        code = said[0].get("error", {}).get("code")
        assert code is None or code in ERRORS, (message, said)
        # ids are ours, so one that was wrong is no defect any more
        assert valid is not False or code is not None or type(message.get("id")) not in (int, str), message
        assert not valid or code is None or message["method"] != "textDocument/inlineCompletion", (message, said)
        answers[str(code)] += 1
    assert sum(answers.values()) > 1000
    assert (await wire.request("textDocument/inlineCompletion", ASK))["result"]["items"]


async def test_a_first_or_last_request_gets_exactly_one_answer_and_the_greeting_is_never_wrong(
    tiny_engine: Engine,
) -> None:
    greeted = 0
    for _, message in messages("request", phases=True):
        wire = Wire(tiny_engine)
        if message["method"] != "initialize":
            await wire.initialize()
        asked = {**message, "id": "r"}
        wire.send(asked)
        (said,) = [one for one in await settled(wire) if one.get("id") == "r"]
        early = greeting.answer(json.dumps(asked).encode(), "0")
        if early is not None:
            greeted += 1
            assert "error" in said or json.loads(early[1]) == said, message
            late = Wire(tiny_engine)
            late.server.protocol.answered = "r"
            late.send(asked)
            late.notify("initialized", {})
            assert "result" in await late.request("textDocument/inlineCompletion", ASK), message
            late.server.stop()
        wire.server.stop()
    assert greeted > 10


async def test_no_notification_is_answered_or_harmful(wire: Wire) -> None:
    count = 0
    for _, message in messages("notification"):
        wire.send(message)
        count += 1
        for one in await settled(wire):
            if "method" not in one:  # only what is no notification is answered, and only by an error
                assert one["error"]["code"] in ERRORS, message
                is_message = message.get("jsonrpc") == "2.0" and isinstance(message.get("method"), str)
                assert "id" in message or not is_message, message
    assert count > 100
    wire.open("def ")
    assert (await wire.request("textDocument/inlineCompletion", ASK))["result"]["items"]
