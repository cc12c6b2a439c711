"""One sitting of the base model's training: from shards to a model folder, lines of progress on the way.

    RUN/stable      where the next sitting goes on
    RUN/log.jsonl   a line every few seconds
    RUN/model       what this sitting ended with: a checkpoint like any other (a transformer's is not kept)

Knows nothing of how a step is done.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from foretype.model import checkpoint
from foretype.model.config import Config
from foretype.model.export import export
from foretype.model.language import header_of
from foretype.model.state_cache import BLOCK_BYTES
from foretype.training.base.manifest import packages
from foretype.training.base.projects import projects
from foretype.training.batches import PlainText

if TYPE_CHECKING:
    from foretype.training.base.train import BaseRun, BaseStep
    from foretype.training.loss import LanguageModel

TRANSFORMER = "transformer"
"""The cell that is none: a GPT-style transformer, to compare with."""

_HEAD_SIZE = 64
_HELD_OUT_BYTES = 8000
"""Typed of each held-out package when a sitting ends."""
_BYTES_PER_FILE = 4096
"""Of that, at most so much of one file."""
_LINE_SECONDS = 20.0
_SMOOTHING = 0.95


def sit(
    shards: Path,
    folder: Path,
    *,
    minutes: float,
    decay: float,
    cell: str,
    layers: int,
    hidden: int,
    embed: int,
    batch: int,
    steps: int,
    rate: float,
    muon: float,
    seed: int,
) -> None:
    """Train for `minutes` from where the run in `folder` stands, or from the beginning."""
    import torch

    from foretype.training.base.streams import Library, Streams
    from foretype.training.base.train import BaseConfig, restore, start, train
    from foretype.training.processes import joined, of_torchrun

    torch.manual_seed(seed)
    network = _network(cell, layers, hidden, embed, steps)
    options = BaseConfig(minutes=minutes, decay_share=decay, learning_rate=rate, matrix_learning_rate=muon)
    library = Library(shards / "train", {package.name: package.share for package in packages()}, steps + 1)
    # a later sitting reads other text than the ones before it
    sitting = int(time.time()) if (folder / "stable").exists() else 0
    folder.mkdir(parents=True, exist_ok=True)
    log = Log(folder / "log.jsonl")
    with joined(of_torchrun()) as processes:
        lanes = batch // processes.count
        streams = Streams(library, lanes, steps, (seed, sitting, processes.rank))
        run = start(network, options, streams, lanes, processes)
        if (folder / "stable").exists():
            restore(run, folder / "stable")
        for step in train(run, options, folder):
            if processes.is_first:
                log.take(step)
    if processes.is_first:
        _finish(run, shards, folder, log)


def _network(cell: str, layers: int, hidden: int, embed: int, steps: int) -> LanguageModel:
    from foretype.model.network import Network
    from foretype.training.transformer import Transformer

    if cell == TRANSFORMER:
        # it is read by blocks, and a block and what stands before it are never longer than what it was trained on
        return Transformer(layers, hidden, hidden // _HEAD_SIZE, context=max(1, steps - BLOCK_BYTES))
    return Network(Config.from_json({"cell": cell, "n_layer": layers, "d_model": hidden, "d_embed": embed}))


def _finish(run: BaseRun, shards: Path, folder: Path, log: Log) -> None:
    from foretype.model.network import Network
    from foretype.training.base import rival
    from foretype.training.held_out import held_out_bits

    metrics: dict[str, float] = {"steps": run.step, "bytes": run.nbytes}
    held_out = _beginnings(shards / "held_out") if (shards / "held_out").exists() else []
    if held_out:
        metrics["held_out_bits"] = round(held_out_bits(run.network, held_out, _BYTES_PER_FILE * len(held_out)), 4)
    if isinstance(run.network, Network):
        weights = run.network.weights()
        shutil.rmtree(folder / "model", ignore_errors=True)
        checkpoint.save(folder / "model", run.network.config, weights, export(run.network.config, weights), metrics)
    else:
        rival.save(folder / rival.FILE, run.network)
    log.write(metrics)


def _beginnings(shards: Path) -> list[PlainText]:
    """Return the beginnings of the files being typed of projects that training never saw."""
    typed = (file for project in projects(shards, _HELD_OUT_BYTES) for file in project.typed)
    return [PlainText(header_of(path), text[:_BYTES_PER_FILE]) for path, text in typed]


class Log:
    """Write a line every few seconds, to a file and to the terminal."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._bits = 0.0
        self._shown = 0.0

    def take(self, step: BaseStep) -> None:
        """Note a step; most are only averaged."""
        self._bits = step.bits if not self._bits else _SMOOTHING * self._bits + (1 - _SMOOTHING) * step.bits
        if time.monotonic() - self._shown < _LINE_SECONDS:
            return
        self._shown = time.monotonic()
        megabytes = step.nbytes / 1e6
        line = {"step": step.number, "MB": megabytes, "bits": round(self._bits, 4), "seconds": step.seconds}
        self.write(line)
        sys.stderr.write(f"\r{step.progress:6.1%}  {megabytes:7.1f} MB  {self._bits:.3f} bits per byte ")

    def write(self, line: dict[str, float]) -> None:
        """Append a line to the file."""
        with self._path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
