"""A whole training run: files in, a promoted model out, or the old one kept and the reason why.

Tells a `Watcher` what happens; prints nothing itself. Safe to kill at any moment: the run's snapshot and the models
are replaced as a whole or not at all.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from foretype.model.config import Config
from foretype.model.engine import Engine
from foretype.model.errors import UserError
from foretype.model.export import Weights, export
from foretype.model.registry import DEFAULT_NAME, Registry
from foretype.training import corpus, snapshot
from foretype.training.batches import Batches
from foretype.training.evaluate import bits_per_byte
from foretype.training.plan import Plan, suitable_config
from foretype.training.record import Record
from foretype.training.train import Run, Step, start, train
from foretype.training.train_config import TrainConfig

_SAVE_SECONDS = 20.0
"""A kill loses at most this much work."""


class Watcher(Protocol):
    """See a run from outside."""

    def note(self, text: str) -> None:
        """Take one line about what happens next."""

    def step(self, step: Step) -> None:
        """Take the figures of one training step."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """Tell what came of a run."""

    name: str
    version: str
    promoted: bool
    before: float
    """Held-out bits per byte of what served before, of the untrained network if nothing did."""
    after: float
    seconds: float


def learn(plan: Plan, registry: Registry, watcher: Watcher) -> Learnt:
    """Run `plan` to its end; KeyboardInterrupt saves the run before it passes through."""
    began = time.perf_counter()
    learning = _Learning(plan, registry, watcher)
    run, train_config, batches = learning.begin()
    before = learning.bits_before(run)
    learning.train(run, batches, train_config)
    return learning.finish(run, before, began)


class _Learning:
    """Hold what all phases of one run need."""

    def __init__(self, plan: Plan, registry: Registry, watcher: Watcher) -> None:
        self._plan = plan
        self._registry = registry
        self._watcher = watcher
        self._name = plan.name or registry.current_name() or DEFAULT_NAME
        registry.versions(self._name)  # a name that cannot be used should not cost the training first
        self._snapshot = registry.root / "training" / f"{self._name}.safetensors"
        found = corpus.read(plan.paths)
        self._text, self._held_out = found.split()
        self._fingerprint = self._text.fingerprint()
        watcher.note(f"found {found.summary()}; holding out {self._held_out.summary()}")

    def begin(self) -> tuple[Run, TrainConfig, Batches]:
        """Return the run, resumed, from another model's weights or fresh, with its options and its text."""
        options = self._plan.train_config
        self._record = Record.begin(self._plan, self._text, self._registry, self._name)
        if self._plan.resume or options is None:
            return self._resume()
        config, weights = self._beginning(options)
        batches = self._batches(options)
        run = start(config, options, batches.batch_size)
        if weights is not None:
            run.network.load_weights(weights)
        return run, options, batches

    def bits_before(self, run: Run) -> float:
        """Return what there was to beat: bits per byte of what serves, or of the network as it begins."""
        serving = self._registry.find(self._name) if self._registry.promoted(self._name) else None
        engine = serving.engine() if serving else _engine(run.network.config, run.network.weights())
        return bits_per_byte(engine, self._held_out.files)

    def train(self, run: Run, batches: Batches, options: TrainConfig) -> None:
        """Take all steps, saving the run every now and then and when it is interrupted."""
        saved = time.perf_counter()
        try:
            for step in train(run, batches, list(self._held_out.files), options):
                self._watcher.step(step)
                if time.perf_counter() - saved > _SAVE_SECONDS:
                    snapshot.save(self._snapshot, run, options, self._fingerprint)
                    saved = time.perf_counter()
        except KeyboardInterrupt:
            snapshot.save(self._snapshot, run, options, self._fingerprint)
            self._watcher.note("interrupted; go on with --resume")
            raise

    def finish(self, run: Run, before: float, began: float) -> Learnt:
        """Write the run's best weights as a new version and promote it if it beats `before`."""
        config, weights = run.network.config, run.best_weights or run.network.weights()
        graph = export(config, weights)
        after = bits_per_byte(Engine(config, graph), self._held_out.files)
        seconds = time.perf_counter() - began
        metrics = {"held_out": {"before": before, "after": after}, "steps": run.step, "seconds": seconds}
        version = self._registry.add(self._name, config, weights, graph, metrics, self._record.sources)
        promoted = after < before
        if promoted:
            self._registry.promote(self._name, version)
        else:
            self._watcher.note(f"not promoted: {after:.3f} bits per byte on held-out files, {before:.3f} before")
        self._snapshot.unlink(missing_ok=True)
        self._record.remove()
        return Learnt(self._name, version, promoted, before, after, seconds)

    def _resume(self) -> tuple[Run, TrainConfig, Batches]:
        run, interrupted, fingerprint = snapshot.load(self._snapshot)
        options = self._plan.limited(interrupted)
        if fingerprint != self._fingerprint:
            self._watcher.note("the files have changed since the interruption; going on with what they are now")
        self._watcher.note(f"resuming after step {run.step}, {run.seconds:.0f} s")
        batches = self._batches(options)
        if batches.batch_size != len(run.state[0]):
            run.state = run.network.zero_state(batches.batch_size)
        return run, options, batches

    def _beginning(self, options: TrainConfig) -> tuple[Config, Weights | None]:
        plan = self._plan
        if plan.start_from is None:
            if plan.config is not None:
                return plan.config, None
            config, why = suitable_config(options.minutes, self._text.nbytes)
            self._watcher.note(why)
            return config, None
        found = self._registry.find(plan.start_from)
        if plan.config not in (None, found.config):
            raise UserError(f"{plan.start_from} has a shape of its own; leave out --cell, --hidden and --layers")
        return found.config, found.weights()

    def _batches(self, options: TrainConfig) -> Batches:
        return Batches(self._text.files, options.batch_size, options.seq_len, options.seed)


def _engine(config: Config, weights: Weights) -> Engine:
    return Engine(config, export(config, weights))
