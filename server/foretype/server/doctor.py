"""Look over the whole installation: each part is used as it is in earnest, with the network shut off.

Returns findings; prints nothing. Source of the audit events: Python's documentation, "Audit events table".
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Timer
from typing import Any

import numpy as np

from foretype.model import atomic, memory, mixture, native
from foretype.model.errors import UserError
from foretype.model.reason import Reason
from foretype.model.registry import BASE_NAME, DATA_DIR_VARIABLE, Registry, data_dir, memories_dir, open_to_others
from foretype.model.session import Session
from foretype.model.suggest import SuggestOptions, suggest
from foretype.model.tokens import header
from foretype.model.window import Prefix
from foretype.server import statistics
from foretype.server.framing import bodies, frame
from foretype.server.ledger import Ledger

_NEEDED = ("pygls", "lsprotocol", "onnxruntime", "numpy", "safetensors", "pydivsufsort")
_SAMPLE = b"for value in values:\n    print(value)\nfor value in "
_SERVER_SECONDS = 60.0
_WEEK_SECONDS = 7 * 24 * 3600

_SHUT_OFF = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo"):
        address = arguments[1] if event != "socket.getaddrinfo" and len(arguments) > 1 else arguments[0]
        if not (isinstance(address, tuple) and address[0] == "127.0.0.1"):  # how event loops wake up on Windows
            raise OSError("the network is shut off: " + event)
sys.addaudithook(refuse)
from foretype.server.cli import main
main(["serve"])
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """Hold what was found of one part."""

    part: str
    works: bool
    text: str
    """What there is, or what is wrong."""
    advice: str = ""
    """What to do, if anything."""


def examine() -> Iterator[Finding]:
    """Yield a finding for each part of the installation, in the order in which they build on each other."""
    for part, look, advice in _PARTS:
        try:
            yield Finding(part, True, look())
        except (UserError, OSError, ImportError, ValueError, RuntimeError, subprocess.SubprocessError) as error:
            yield Finding(part, False, f"{type(error).__name__}: {' '.join(str(error).split())}", advice)
    yield from _rights()
    yield from _silences()


def _packages() -> str:
    found = []
    for name in ("foretype", *_NEEDED):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            raise ImportError(f"{name} is not installed") from None
    return f"Python {sys.version.split()[0]}, {', '.join(found)}"


def _native() -> str:
    return f"loaded, {native.shape().features} features"


def _data_dir() -> str:
    folder = data_dir()
    atomic.make_folder(folder)
    with NamedTemporaryFile(dir=folder):
        pass
    return f"{folder} can be written"


def _rights() -> Iterator[Finding]:
    if open_to_others(folder := data_dir()):
        yield Finding("data folder", True, f"others can look into {folder}", f"chmod 700 {folder}")


def _model() -> str:
    registry = Registry.default()
    engine = registry.find().engine()
    logits, _ = engine.prefill(_SAMPLE, engine.zero_state())
    if not np.isfinite(logits).all():
        raise ValueError("the network answers with numbers that are none")
    return f"{registry.current_name() or BASE_NAME} reads and answers"


def _suggestion() -> str:
    session = Session(Registry.default().find().engine(), header("a.py", "python"), mixture.shipped())
    began = time.perf_counter()
    answer = suggest(session, Prefix.of(_SAMPLE), "", SuggestOptions(asked=True))
    if not answer.suggestions:
        raise ValueError(f"nothing was suggested: {answer.reason}")
    return f"{answer.suggestions[0].text!r} in {(time.perf_counter() - began) * 1e3:.0f} ms"


def _memories() -> str:
    folders = sorted(memories_dir().iterdir()) if memories_dir().is_dir() else []
    held = [found for folder in folders if (found := memory.load(folder)) is not None]
    projects = "1 project" if len(held) == 1 else f"{len(held)} projects"
    return f"{projects}, {sum(one.nbytes for one in held) / 1e6:.1f} MB of text"


def _ledger() -> str:
    path = Ledger.default().path
    total = statistics.read(path).total
    return f"{total.shown} suggestions counted" if path.exists() else "nothing counted yet"


def _server() -> str:
    """Start a server as an editor does, without a network, and ask it for a suggestion."""
    uri = (Path.cwd() / "doctor.py").as_uri()
    asked = {
        "textDocument": {"uri": uri},
        "position": {"line": 2, "character": 13},
        "context": {"triggerKind": 1},
    }
    opened = {"uri": uri, "languageId": "python", "version": 1, "text": _SAMPLE.decode()}
    messages: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": opened}},
        {"id": 2, "method": "textDocument/inlineCompletion", "params": asked},
    ]
    began = time.perf_counter()
    written = b"".join(frame(json.dumps({"jsonrpc": "2.0", **one}).encode()) for one in messages)
    with subprocess.Popen(
        [sys.executable, "-P", "-c", _SHUT_OFF], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        answer = _answer_to(server, written, 2)
        elapsed = time.perf_counter() - began
    items = answer.get("result", {}).get("items", [])
    if not items:
        raise ValueError(f"the server answered {json.dumps(answer)[:200]}")
    return f"first suggestion {elapsed:.1f} s after the start, without a network"


def _answer_to(server: subprocess.Popen[bytes], written: bytes, identifier: int) -> dict[str, Any]:
    assert server.stdin is not None
    assert server.stdout is not None
    timer = Timer(_SERVER_SECONDS, server.kill)
    timer.start()
    try:
        server.stdin.write(written)
        server.stdin.flush()
        descriptor = server.stdout.fileno()
        for body in bodies(lambda: os.read(descriptor, 1 << 16)):
            message: dict[str, Any] = json.loads(body)
            if message.get("id") == identifier and "method" not in message:
                return message
        said = server.stderr.read() if server.stderr is not None else b""
        raise RuntimeError(f"the server ended: {said[-300:].decode(errors='replace')}")
    finally:
        timer.cancel()
        server.kill()


def _training() -> str:
    if find_spec("torch") is None:
        return 'not installed; suggestions do not need it (pip install "foretype[train]" to learn from your files)'
    return f"torch {version('torch')}"


_REINSTALL = "install Foretype anew: pip install --force-reinstall foretype"

_PARTS: tuple[tuple[str, Callable[[], str], str], ...] = (
    ("packages", _packages, _REINSTALL),
    ("native library", _native, _REINSTALL),
    ("data folder", _data_dir, f"make it writable, or name another one in {DATA_DIR_VARIABLE}"),
    ("model", _model, "go back: foretype models rollback NAME; or take the base: foretype models use base"),
    ("suggestion", _suggestion, _REINSTALL),
    ("memories", _memories, "remove the folder that is named; it is built anew when the project is opened"),
    ("ledger", _ledger, "begin a new one: foretype stats --reset"),
    ("server", _server, "run `foretype serve --log-file FILE` in your editor and look into the file"),
    ("training", _training, ""),
)

_ADVICE = {
    Reason.BELOW_EAGERNESS: "raise the setting eagerness to see more",
    Reason.MODEL_LOADING: "a slow disk, or the machine was busy when the editor started",
    Reason.DEADLINE: "raise the setting deadlineMs, or close what keeps the machine busy",
    Reason.DISABLED: "the setting enabled is off",
    Reason.MANUAL: "the setting manual is on: ask by hand, or switch it off",
    Reason.DISABLED_LANGUAGE: "the language is in the setting disabledLanguages",
    Reason.IGNORED_PATH: "an ignore file excludes the document, or its name promises keys",
    Reason.TOO_LARGE: "raise the setting maxDocumentCharacters",
    Reason.UNKNOWN_DOCUMENT: "open the document again; if that helps, please report which editor it was",
    Reason.FAILED: "if the log names a model: foretype models use base; else please report it, with the log",
}
"""What can be done about a silence; of the others nothing need be."""


def _silences() -> Iterator[Finding]:
    """Yield the most frequent reasons for silence of the last week that something can be done about."""
    try:
        silences = statistics.read(Ledger.default().path, int(time.time()) - _WEEK_SECONDS).total.silences
    except (UserError, OSError, ValueError):
        return  # told already
    for name, count in silences.items():
        if (reason := Reason(name)) in _ADVICE:
            yield Finding("silences", reason is not Reason.FAILED, f"{count} times {name} this week", _ADVICE[reason])
