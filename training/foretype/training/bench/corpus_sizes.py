"""What a memory costs that holds more and more text: to build, on disk, and in each suggestion.

It is built by the command that a server starts for it, in a process of its own whose memory is watched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil

from foretype.model import files, memory, mixture
from foretype.model.engine import Engine
from foretype.model.errors import UserError
from foretype.model.language import header_of
from foretype.model.memory import Memory
from foretype.model.predictor import Predictor
from foretype.model.registry import DATA_DIR_VARIABLE
from foretype.model.session import Session
from foretype.model.window import Prefix
from foretype.training.bench.clock import percentiles, seconds
from foretype.training.bench.curve import Curve, Row, up_to
from foretype.training.bench.suggestion import milliseconds

_MEGABYTES = (1, 10, 50, 100, 200, 500)
_INDEX = (sys.executable, "-P", "-m", "foretype.server", "index")
_LOOK_SECONDS = 0.02
_TYPED_BYTES = 20_000
"""Of a file that no memory holds."""
_SUGGESTIONS = 40


def measure(corpus: Path, engine: Engine, folder: Path, share: float) -> Curve:
    """Return the costs of memories of the texts below `corpus`, up to all of it; `folder` is a place to write to."""
    texts = _texts(corpus)
    typed = next(((path, text) for path, text in texts if len(text) >= _TYPED_BYTES), None)
    if typed is None:
        raise UserError(f"{corpus} has no text file of {_TYPED_BYTES} bytes to type; name another folder")
    rows, held = [], 0
    for megabytes in up_to(share, _MEGABYTES):
        added = _copy(texts, folder / "project", round(megabytes * 1e6) - held, held)
        held += added
        if added == 0:
            break
        rows.append(_row(folder / "project", folder / "data", held, engine, typed))
        shutil.rmtree(folder / "data", ignore_errors=True)  # as much again as all memories before
    panels = (
        ("seconds", ("build_s",)),
        ("MB", ("disk_mb", "peak_mb")),
        ("microseconds a byte read", ("read_us",)),
        ("milliseconds a suggestion", ("suggestion_p50_ms", "suggestion_p99_ms")),
    )
    return Curve("memory", "A memory, by megabytes of text", "text_mb", panels, tuple(rows))


def _texts(corpus: Path) -> Iterator[tuple[str, bytes]]:
    for path, key in files.candidates(corpus.resolve(), {}):
        text, _ = files.read_text(path)
        if text is not None:
            yield key, text


def _copy(texts: Iterator[tuple[str, bytes]], folder: Path, wanted: int, number: int) -> int:
    """Put texts into `folder` until there are as many bytes more; return how many there are."""
    copied = 0
    while copied < wanted and (found := next(texts, None)) is not None:
        path = folder / str(number + copied) / found[0]  # whatever the rules of the folder that it came from
        path.parent.mkdir(parents=True)
        path.write_bytes(found[1])
        copied += len(found[1])
    return copied


def _row(project: Path, data_dir: Path, nbytes: int, engine: Engine, typed: tuple[str, bytes]) -> Row:
    began = time.perf_counter()
    peak = _index(project, data_dir)
    built = time.perf_counter() - began
    folder = memory.folder_of(data_dir / "memories", project)
    found = memory.load_or_empty(folder)
    return {
        "text_mb": nbytes / 1e6,
        "held_mb": found.nbytes / 1e6,
        "segments": len(found.parts),
        "build_s": built,
        "disk_mb": sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6,
        "peak_mb": peak / 1e6,
        "read_us": _read_us(found, typed[1][:_TYPED_BYTES]),
        **percentiles("suggestion_", _suggest(found, engine, *typed)),
    }


def _index(project: Path, data_dir: Path) -> int:
    """Build a memory; return the most bytes that were resident."""
    environment = {**os.environ, DATA_DIR_VARIABLE: str(data_dir)}
    peak = 0
    with psutil.Popen([*_INDEX, str(project)], env=environment, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            try:
                peak = max(peak, process.memory_info().rss)
            except psutil.Error:  # it has ended meanwhile
                break
            time.sleep(_LOOK_SECONDS)
    if process.returncode != 0:
        raise UserError(f"the memory could not be built (exit code {process.returncode}); see above")
    return peak


def _read_us(found: Memory, text: bytes) -> float:
    predictor = Predictor(mixture.shipped(), found.without())
    lane = predictor.start(b"", at_start=True)
    return 1e6 * seconds(lambda: predictor.read(lane, text, np.zeros((len(text), 256), np.float32))) / len(text)


def _suggest(found: Memory, engine: Engine, path: str, text: bytes) -> list[float]:
    session = Session(engine, header_of(path), mixture.shipped(), found.without())
    step = _TYPED_BYTES // _SUGGESTIONS
    return [milliseconds(session, Prefix.of(text[: step * number])) for number in range(1, _SUGGESTIONS + 1)]
