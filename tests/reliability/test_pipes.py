"""Clients that do not read, streams that are closed, too little memory: an orderly end or an answer, never a hang."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from tests.e2e.test_stdio import URI

from foretype.model.registry import Registry
from foretype.server.framing import frame
from foretype.training.lsp_client import SERVER, LspClient

_MESSAGES = 200
_MOST_TAKEN = 100 << 20
"""Three times what the server lets wait, and half of what the client wants to be rid of."""
_INITIALIZE: dict[str, object] = {"processId": None, "rootUri": None, "capabilities": {}}


def message(**content: object) -> bytes:
    return frame(json.dumps({"jsonrpc": "2.0", **content}).encode())


def test_a_client_that_writes_and_never_reads_is_made_to_wait_and_loses_nothing(tiny_registry: Registry) -> None:
    with LspClient() as client:
        client.initialize()
        document = {"uri": URI, "languageId": "python", "version": 1, "text": ""}
        client.notify("textDocument/didOpen", {"textDocument": document})
        sent = 0

        def write() -> None:
            nonlocal sent
            for number in range(_MESSAGES):
                change = {
                    "textDocument": {"uri": URI, "version": number},
                    "contentChanges": [{"text": "x" * (1 << 20)}],
                }
                # what is not known is named in the answer, so answers soon fill the pipe
                question = message(id=f"q{number}", method="no/such" * 300, params=None)
                pair = message(method="textDocument/didChange", params=change) + question
                client.send_bytes(pair)
                sent += len(pair)

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        before = -1
        while before != sent:
            before = sent
            time.sleep(2)
        assert sent < _MOST_TAKEN
        answered = [client.receive()["id"] for _ in range(_MESSAGES)]
        writer.join(30)
        assert answered == [f"q{number}" for number in range(_MESSAGES)]
        assert client.close() == 0
    assert tiny_registry.find() is not None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no shell that starts a program with a closed stream")
@pytest.mark.parametrize(("closed", "code"), [("0<&-", 1), ("1>&-", 1), ("2>&-", 0), ("0<&- 1>&- 2>&-", 1)])
def test_a_stream_that_was_closed_before_the_start_ends_in_order(
    tiny_registry: Registry, closed: str, code: int
) -> None:
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", *SERVER]
    said = (
        message(id=1, method="initialize", params=_INITIALIZE)
        + message(id=2, method="shutdown", params=None)
        + message(method="exit")
    )
    ended = subprocess.run(command, input=said, capture_output=True, timeout=60, check=False)
    assert ended.returncode == code
    assert b"Traceback" not in ended.stderr
    assert tiny_registry.find() is not None


@pytest.mark.skipif(sys.platform != "linux", reason=f"{sys.platform} does not hold programs to an address space")
@pytest.mark.parametrize("kilobytes", [150_000, 250_000, 400_000, 700_000, 1_500_000])
def test_with_too_little_memory_the_server_answers_or_ends_and_leaves_the_data_as_it_was(
    tiny_registry: Registry, kilobytes: int
) -> None:
    command = ["sh", "-c", f'ulimit -v {kilobytes} && exec "$@"', "sh", *SERVER]
    text = "def visit(names):\n" * 3 + "def "
    document = {"uri": URI, "languageId": "python", "version": 1, "text": text}
    asked = {"textDocument": {"uri": URI}, "position": {"line": 3, "character": 4}, "context": {"triggerKind": 1}}
    said = (
        message(id=1, method="initialize", params=_INITIALIZE)
        + message(method="initialized", params={})
        + message(method="textDocument/didOpen", params={"textDocument": document})
        + message(id=2, method="textDocument/inlineCompletion", params=asked)
        + message(id=3, method="shutdown", params=None)
        + message(method="exit")
    )
    ended = subprocess.run(command, input=said, capture_output=True, timeout=60, check=False)
    answers = ended.stdout.count(b'"id":')
    # the C library aborts when it ends a thread and cannot load what it needs for that: after the last answer
    aborted = ended.returncode == -signal.SIGABRT and b"unwinding" in ended.stderr
    assert aborted or (ended.returncode, answers) in [(0, 3), (1, 0), (1, 1)], ended
    if ended.returncode:
        assert ended.stderr.count(b"\n") >= 1
    assert tiny_registry.find().engine()
