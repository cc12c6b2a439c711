"""A trained model as a folder on disk: what it holds, writing it whole, refusing it when it is not.

    config.json          format number, shape of the network, size of every other file
    weights.safetensors  weights for going on with training, float32 or, where size counts, float16
    network.onnx         the graph that the engine runs
    metrics.json         how it was trained and how well it predicts
    sources.json         what it has learnt from, see sources.py; older ones and the base have none
    vocabulary.json      the pieces of text that are its tokens beside the bytes; networks of bytes have none
    readout.safetensors  what can be read from its states, see readout.py; of the base alone

No pickle anywhere: reading a model from a stranger runs no code. Knows nothing of names or versions.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foretype.model import readout, sources
from foretype.model.atomic import new_folder
from foretype.model.config import Config
from foretype.model.engine import Engine
from foretype.model.errors import DAMAGE, CheckpointError
from foretype.model.json_file import read_json
from foretype.model.readout import Readout
from foretype.model.sources import Sources
from foretype.model.vocabulary import BYTES, Vocabulary
from foretype.model.word_engine import engine_for

FORMAT = 1

_CONFIG = "config.json"
_WEIGHTS = "weights.safetensors"
_GRAPH = "network.onnx"
_METRICS = "metrics.json"
_SOURCES = "sources.json"
_VOCABULARY = "vocabulary.json"
_READOUT = "readout.safetensors"

_ELSEWHERE = b"location"
"""In a graph, the key of every path under which weights lie elsewhere. Source: onnx.proto, `external_data`."""

_MAX_JSON_BYTES = 1 << 20
_MAX_FILE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Name a model folder whose files have been found complete."""

    folder: Path
    config: Config

    def engine(self, threads: int = 1) -> Engine:
        """Load the graph; one that the runtime refuses raises CheckpointError."""
        path = self.folder / _GRAPH
        try:
            with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
                reads_others = content.find(_ELSEWHERE) >= 0
        except (OSError, ValueError) as error:  # removed since it was found, or empty
            raise CheckpointError(f"{path} cannot be read ({error}); use another version or train anew") from error
        if reads_others:
            raise CheckpointError(f"{path} has weights in other files, which are not read; it must hold them itself")
        return engine_for(self.config, path, self.vocabulary(), threads)

    def vocabulary(self) -> Vocabulary:
        """Return what its tokens are; one that is damaged raises CheckpointError."""
        if self.config.unit == "byte":
            return BYTES
        path = self.folder / _VOCABULARY
        try:
            return Vocabulary.from_json(path.read_bytes())
        except DAMAGE as error:
            raise CheckpointError(f"{path} is damaged ({error})") from error

    def readout(self) -> Readout:
        """Return what can be read from its states; a model that has none, or a damaged one, raises CheckpointError."""
        path = self.folder / _READOUT
        if not path.is_file():
            raise CheckpointError(f"{self.folder} has no {_READOUT}, which the base alone has; name it: --model base")
        return readout.load(path, self.config, (self.folder / _GRAPH).read_bytes())

    @property
    def graph_bytes(self) -> int:
        """Size of the graph."""
        return (self.folder / _GRAPH).stat().st_size

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """Load the weights; damaged ones raise CheckpointError."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            found = load_file(self.folder / _WEIGHTS)
        except SafetensorError as error:
            raise CheckpointError(f"{self.folder / _WEIGHTS} is damaged ({error})") from error
        return {name: value.astype(np.float32) for name, value in found.items()}

    def metrics(self) -> dict[str, Any]:
        """Return what was recorded when the model was made."""
        return _read_json(self.folder / _METRICS)

    def sources(self) -> Sources:
        """Return what was recorded of the files that it has learnt from."""
        return sources.read(self.folder / _SOURCES)


def save(
    folder: Path,
    config: Config,
    weights: Mapping[str, NDArray[np.float32]],
    graph: bytes,
    metrics: Mapping[str, Any],
    *,
    learnt_from: Sources | None = None,
    vocabulary: Vocabulary = BYTES,
    half: bool = False,
) -> Checkpoint:
    """Write a model to `folder`, which must not exist; a crash leaves no folder of that name.

    `half` keeps the weights for further training in half precision.
    """
    from safetensors.numpy import save as serialise

    with new_folder(folder) as target:
        (target / _GRAPH).write_bytes(graph)
        kept = {name: value.astype(np.float16) if half else value for name, value in weights.items()}
        (target / _WEIGHTS).write_bytes(serialise(kept))  # its own way of writing hides what the disk says
        (target / _METRICS).write_text(json.dumps(dict(metrics), indent=2), encoding="utf-8")
        if learnt_from is not None:
            (target / _SOURCES).write_bytes(learnt_from.to_json())
        if vocabulary.pieces:
            (target / _VOCABULARY).write_bytes(vocabulary.to_json())
        _write_config(target, config)
    return Checkpoint(folder, config)


def with_readout(found: Checkpoint, folder: Path, fitted: Readout) -> Checkpoint:
    """Write a copy of a model of bytes to `folder`, which must not exist, with what is read from its states."""
    with new_folder(folder) as target:
        for name in (_GRAPH, _WEIGHTS, _METRICS, _SOURCES):
            if (found.folder / name).exists():
                shutil.copyfile(found.folder / name, target / name)
        (target / _READOUT).write_bytes(fitted.to_bytes((target / _GRAPH).read_bytes()))
        _write_config(target, found.config)
    return Checkpoint(folder, found.config)


def _write_config(folder: Path, config: Config) -> None:
    """Write the last file of a model, which names all the others with their sizes."""
    sizes = {file.name: file.stat().st_size for file in sorted(folder.iterdir())}
    about = {"format": FORMAT, "config": config.to_json(), "files": sizes}
    (folder / _CONFIG).write_text(json.dumps(about, indent=2), encoding="utf-8")


def is_in(folder: Path) -> bool:
    """Tell whether a folder may be a model's; one that may not be looked into, or cannot be, is none."""
    return os.path.isfile(folder / _CONFIG)  # noqa: PTH113  # Path's raises there


def load(folder: Path) -> Checkpoint:
    """Return the checkpoint in `folder`; one that is missing, truncated or foreign raises CheckpointError."""
    if not is_in(folder):
        raise CheckpointError(f"{folder} is not a Foretype model: it has no {_CONFIG}")
    about = _read_json(folder / _CONFIG)
    if about.get("format") != FORMAT:
        raise CheckpointError(
            f"{folder} has format {about.get('format')!r}, this version reads {FORMAT}; train the model anew"
        )
    try:
        config = Config.from_json(about["config"])
        sizes = {str(name): int(size) for name, size in about["files"].items()}
    except DAMAGE as error:
        raise CheckpointError(f"{folder / _CONFIG} is damaged ({error})") from error
    for name in (_CONFIG, _GRAPH, _WEIGHTS, _METRICS, _SOURCES, _VOCABULARY, _READOUT):
        _check_place(folder / name)
    of_words = [_VOCABULARY] if config.unit == "word" else []
    of_base = [_READOUT] if _READOUT in sizes or (folder / _READOUT).exists() else []
    for name in (_GRAPH, _WEIGHTS, _METRICS, *of_words, *of_base):
        _check_size(folder / name, sizes.get(name))
    return Checkpoint(folder, config)


def _check_place(path: Path) -> None:
    """Refuse a file that is elsewhere in truth: a model from a stranger reads nothing but its folder."""
    if path.resolve().parent != path.parent.resolve():
        raise CheckpointError(f"{path} leads out of its folder, to {path.resolve()}; put the file itself there")


def _check_size(path: Path, expected: int | None) -> None:
    found = path.stat().st_size if path.is_file() else None
    if expected is None or found != expected or expected > _MAX_FILE_BYTES:
        raise CheckpointError(
            f"{path} is damaged: expected {expected} bytes, found {found}; use another version or train anew"
        )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values = read_json(path, _MAX_JSON_BYTES)
    except DAMAGE as error:
        raise CheckpointError(f"{path} cannot be read ({error})") from error
    if not isinstance(values, dict):
        raise CheckpointError(f"{path} is damaged: expected an object, found {type(values).__name__}")
    return values
