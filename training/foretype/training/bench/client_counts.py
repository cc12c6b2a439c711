"""How many people can type into one daemon: their number is doubled until answers take too long twice in a row.

Each types what a file goes on with, about five keys a second with pauses, and their editor asks after every key. Knows
nothing of what the server does.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from foretype.model.errors import UserError
from foretype.model.registry import DATA_DIR_VARIABLE
from foretype.training.bench.clock import percentiles
from foretype.training.bench.curve import Curve, Row
from foretype.training.bench.typist import EDITOR_PAUSE_SECONDS
from foretype.training.lsp_client import SERVER

_TOO_LONG_MS = 50.0
_MOST_CLIENTS = 256
_WARM_UP_SECONDS, _SECONDS = 3.0, 9.0
_BETWEEN_KEYS_SECONDS = (0.1, 0.3)
_BREAK_SECONDS = (0.5, 2.0)
_BREAK_SHARE = 0.04
"""Of keys that are followed by a longer break."""
_START_SECONDS = 30.0

Text = tuple[str, bytes]


def measure(texts: Sequence[Text], data_dir: Path, share: float) -> Curve:
    """Return the milliseconds from a request to its answer, by the number of clients that type."""
    rows = asyncio.run(_measure(texts, data_dir, max(1, round(share * _MOST_CLIENTS))))
    return Curve(
        "clients", "An answer, by clients of one daemon", "clients", (("milliseconds", ("p50_ms", "p99_ms")),), rows
    )


async def _measure(texts: Sequence[Text], data_dir: Path, most: int) -> tuple[Row, ...]:
    rows: list[Row] = []
    count = 1
    async with _daemon(data_dir) as port:
        # one answer that came late for another reason is not the end
        while count <= most and not (len(rows) > 1 and min(row["p99_ms"] for row in rows[-2:]) > _TOO_LONG_MS):
            began = time.perf_counter()
            clients = [_type(port, number, texts[number % len(texts)], began) for number in range(count)]
            waited = [one for client in await asyncio.gather(*clients) for one in client]
            rows.append({"clients": count, "answers": len(waited), **percentiles("", waited)})
            count *= 2
    return tuple(rows)


@asynccontextmanager
async def _daemon(data_dir: Path) -> AsyncIterator[int]:
    """Run a daemon and yield its port."""
    port_file = data_dir / "port"
    options = ("--tcp", "127.0.0.1:0", "--port-file", str(port_file), "--max-connections", str(_MOST_CLIENTS))
    environment = {**os.environ, DATA_DIR_VARIABLE: str(data_dir)}
    process = subprocess.Popen([*SERVER, *options], env=environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.perf_counter() + _START_SECONDS
        while not port_file.exists():
            if process.poll() is not None or time.perf_counter() > deadline:
                raise UserError(f"the daemon did not start within {_START_SECONDS:.0f} s")
            await asyncio.sleep(0.05)
        yield int(port_file.read_text().rpartition(":")[2])
    finally:
        process.terminate()
        process.wait()


class _Client:
    """Speak to the daemon as an editor does."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._last_id = 0

    def notify(self, method: str, params: Any, **more: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    async def request(self, method: str, params: Any) -> Any:
        self._last_id += 1
        self.notify(method, params, id=self._last_id)
        while True:
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split()[0])
            message = json.loads(await self._reader.readexactly(length))
            if message.get("id") == self._last_id and "method" not in message:
                return message

    def close(self) -> None:
        self._writer.close()


async def _type(port: int, number: int, text: Text, began: float) -> list[float]:
    """Type in the middle of a file; return the milliseconds of the answers after the time to warm up."""
    draws = random.Random(number)  # noqa: S311  # nobody attacks a measurement
    client = _Client(*await asyncio.open_connection("127.0.0.1", port))
    content = text[1].decode(errors="replace")
    written, coming = content[: len(content) // 2], content[len(content) // 2 :]
    uri, times = f"file:///bench-{number}/{text[0]}", []
    await client.request("initialize", {"processId": None, "capabilities": {"textDocument": {"inlineCompletion": {}}}})
    client.notify("initialized", {})
    document = {"uri": uri, "languageId": "python", "version": 1, "text": written}
    client.notify("textDocument/didOpen", {"textDocument": document})
    line, character = written.count("\n"), len(written) - written.rfind("\n") - 1
    for version, key in enumerate(coming * 2, 2):
        await asyncio.sleep(draws.uniform(*_BREAK_SECONDS if draws.random() < _BREAK_SHARE else _BETWEEN_KEYS_SECONDS))
        if (now := time.perf_counter() - began) > _WARM_UP_SECONDS + _SECONDS:
            break
        place = {"line": line, "character": character}
        change = {"range": {"start": place, "end": place}, "text": key}
        line, character = (line + 1, 0) if key == "\n" else (line, character + 1)
        client.notify(
            "textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
        )
        await asyncio.sleep(EDITOR_PAUSE_SECONDS)
        asked = time.perf_counter()
        ask = {
            "textDocument": {"uri": uri},
            "position": {"line": line, "character": character},
            "context": {"triggerKind": 2},
        }
        await client.request("textDocument/inlineCompletion", ask)
        if now > _WARM_UP_SECONDS:
            times.append((time.perf_counter() - asked) * 1e3)
    client.close()
    return times
