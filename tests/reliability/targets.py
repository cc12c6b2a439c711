"""What is fed with bytes of anybody's making: each target returns, or fails if something else was raised than it may.

Used by `test_fuzz` with hypothesis and by `fuzz` with atheris, which is led by what the bytes reach.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import get_args

from tests.conftest import TINY, random_weights
from tests.server.reference_text import ReferenceText
from tests.server.streams import read_pieces

from foretype.model import checkpoint, memory
from foretype.model.errors import CheckpointError
from foretype.model.export import export
from foretype.model.sources import Sources
from foretype.server import settings
from foretype.server.document import Change, Document, Encoding, Position

Target = Callable[[bytes], None]

_PIECES = ["x", "\n", "\r", "\r\n", "é", "😀", "\u2028", "word "]
_MODEL_FILES = ("config.json", "weights.safetensors", "metrics.json", "sources.json")


def framing(data: bytes) -> None:
    """However a stream is cut, the same bodies come out and the same error."""
    assert read_pieces([data]) == read_pieces([data[at : at + 3] for at in range(0, len(data), 3)])


def document(data: bytes) -> None:
    """Six bytes are an edit: two places and what comes between them."""
    encoding: Encoding = get_args(Encoding)[(data or b"\0")[0] % 3]
    here, there = Document("", 0, encoding), ReferenceText("", encoding)
    for at in range(1, len(data) - 5, 6):
        line, column, last, end, piece, times = data[at : at + 6]
        change = Change(Position(line % 9, column % 17), Position(last % 9, end % 17), _PIECES[piece % 8] * (times % 3))
        here.apply(change)
        there.apply(change)
        assert here.text == there.text
        assert here.length == len(here.text)


def wishes(data: bytes) -> None:
    """Any JSON gives settings, and a sentence for each value that was not used."""
    with suppress(ValueError, RecursionError):
        found, problems = settings.parse(json.loads(data))
        assert found.suggest_options(asked=True).count >= 1
        assert all(isinstance(problem, str) for problem in problems)


def model(folder: Path) -> Target:
    """Return a target that replaces or patches a file of a model before it is loaded."""
    weights, whole = random_weights(TINY), folder / "whole"
    checkpoint.save(whole, TINY, weights, export(TINY, weights), {"note": "x"}, learnt_from=Sources(complete=True))
    contents = {name: (whole / name).read_bytes() for name in _MODEL_FILES}

    def load(data: bytes) -> None:
        name, content = _changed(contents, data)
        (whole / name).write_bytes(content)
        if name == "weights.safetensors":  # or its size alone would tell
            about = json.loads(contents["config.json"])
            about["files"][name] = len(content)
            (whole / "config.json").write_text(json.dumps(about))
        try:
            with suppress(CheckpointError):
                found = checkpoint.load(whole)
                found.sources()
                found.metrics()
                found.weights()
        finally:
            for restored in (name, "config.json"):
                (whole / restored).write_bytes(contents[restored])

    return load


def remembered(folder: Path) -> Target:
    """Return a target that replaces or patches a file of a memory before it is loaded and used."""
    whole = folder / "memory"
    texts = {"a.py": b"one = 1\n" * 20, "b.py": b"def two():\n    return 2\n"}
    memory.update(whole, folder, texts, dict.fromkeys(texts, (1, 1)))
    names = [path.relative_to(whole).as_posix() for path in sorted(whole.rglob("*")) if path.is_file()]
    contents = {name: (whole / name).read_bytes() for name in names}

    def load(data: bytes) -> None:
        name, content = _changed(contents, data)
        (whole / name).write_bytes(content)
        try:
            memory.project_of(whole)
            with suppress(CheckpointError):
                found = memory.load(whole)
                if found is not None:
                    found.without(["a.py"])
                    found.digests()
                    [part.texts() for part in found.parts]
        finally:
            (whole / name).unlink()  # somebody has the old one mapped
            (whole / name).write_bytes(contents[name])

    return load


def _changed(contents: dict[str, bytes], data: bytes) -> tuple[str, bytes]:
    """Return which file is to be another, by the first byte, and its content: the rest, or the whole one patched."""
    names = sorted(contents)
    which, how, high, low = (data + bytes(4))[:4]
    name, patch = names[which % len(names)], data[4:]
    if how % 4 == 0:
        return name, patch
    whole = contents[name]
    at = (high << 8 | low) % (len(whole) + 1)
    return name, whole[:at] + patch + whole[at + (len(patch) if how % 4 < 3 else 0) :]


def all_targets(folder: Path) -> dict[str, Target]:
    """Return every target by its name; those that need files have them in `folder`, which is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return {
        "framing": framing,
        "document": document,
        "settings": wishes,
        "model": model(folder),
        "memory": remembered(folder),
    }
