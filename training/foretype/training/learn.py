"""A whole training run: files in, a promoted model out, or the old one kept and the reason why.

Tells a `Watcher` what happens; prints nothing itself. Safe to kill at any moment: the run's snapshot and the models
are replaced as a whole or not at all.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from typing import Protocol

import torch

from foretype.model import atomic, learning_curve
from foretype.model.config import Config
from foretype.model.errors import UserError
from foretype.model.export import Weights
from foretype.model.network import Network
from foretype.model.registry import Registry
from foretype.model.vocabulary import BYTES, Vocabulary
from foretype.training import corpus, snapshot
from foretype.training.batches import Batches, Mixed
from foretype.training.blend import Blend, Generic, best_blend, plain
from foretype.training.claim import claimed
from foretype.training.device import device_named
from foretype.training.evaluate import bits_per_byte
from foretype.training.gate import Verdict, judge, judge_beside_serving
from foretype.training.learning_picture import draw
from foretype.training.plan import Plan, suitable_config, suitable_vocabulary
from foretype.training.processes import ALONE, Processes
from foretype.training.record import Record, learnt_before
from foretype.training.rehearsal import REHEARSAL_BYTES, rehearse
from foretype.training.run_log import RunLog
from foretype.training.train import Run, Step, start, train
from foretype.training.train_config import TrainConfig
from foretype.training.whole_steps import whole_steps

_SAVE_SECONDS = 20.0
"""A kill loses at most this much work."""
_INTERRUPTED = "interrupted; go on with --resume"


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
    """Whether it serves for its name."""
    serves: bool
    """Whether it serves where no name is asked for, if its plan wants that."""
    before: float
    """Held-out bits per byte of what served for the name before, of what the run began with if nothing did."""
    after: float
    generic: Generic | None
    """What the network forgot, if it went on from another."""
    seconds: float


def learn(plan: Plan, registry: Registry, watcher: Watcher, processes: Processes = ALONE) -> Learnt:
    """Run `plan` to its end; KeyboardInterrupt saves the run before it passes through.

    The first of several processes calls this, the others call `assist`. If another run of the same model is being made,
    UserError is raised.
    """
    began = time.perf_counter()
    name = _name(plan, registry)
    with claimed(registry.root / learning_curve.FOLDER, name):
        _sweep(registry, name)
        learning = _Learning(plan, registry, name, watcher, processes)
        run, options, batches = learning.begin()
        before = learning.bits_before(run, options)
        learning.train(run, batches, options)
        return learning.finish(run, options, before, began)


def assist(plan: Plan, registry: Registry, processes: Processes) -> None:
    """Take a share of every step of the run that the first process makes; write nothing."""
    learning = _Learning(plan, registry, _name(plan, registry), _Silent(), processes)
    run, options, batches = learning.begin()
    learning.train(run, batches, options)


class _Silent:
    """Watch and say nothing."""

    def note(self, text: str) -> None:
        """Drop it."""

    def step(self, step: Step) -> None:
        """Drop it."""


class _Learning:
    """Hold what all phases of one run need."""

    def __init__(self, plan: Plan, registry: Registry, name: str, watcher: Watcher, processes: Processes) -> None:
        self._plan = plan
        self._registry = registry
        self._name = name
        self._processes = processes
        self._device = device_named(plan.device)
        self._snapshot = registry.root / learning_curve.FOLDER / f"{self._name}.safetensors"
        self._log = self._snapshot.with_suffix(learning_curve.SUFFIX)
        self._watcher = RunLog(self._log, watcher, resumed=plan.resume) if processes.is_first else watcher
        found = corpus.read(plan.paths)
        self._text, self._held_out = found.split(learnt_before=learnt_before(plan, registry, name))
        self._fingerprint = self._text.fingerprint()
        self._found = f"found {found.summary()}; holding out {self._held_out.summary()}"

    def begin(self) -> tuple[Run[Network], TrainConfig, Batches | Mixed]:
        """Return the run, resumed, from another model's weights or fresh, with its options and its text."""
        self._processes.check_same("text", self._fingerprint)
        if self._plan.resume or self._plan.train_config is None:
            return self._resume()
        self._open()
        options = self._plan.train_config
        config, weights, vocabulary = self._beginning(options)
        batches = self._batches(options, vocabulary)
        run = start(config, options, batches.batch_size, self._device, self._processes, vocabulary)
        if weights is not None:
            run.network.load_weights(weights)
        return run, options, batches

    def _open(self) -> None:
        """Say what the run learns from, and write it down."""
        self._watcher.note(self._found)
        if self._processes.is_first:
            self._record = Record.begin(self._plan, self._text, self._registry, self._name)

    def bits_before(self, run: Run[Network], options: TrainConfig) -> float:
        """Return what there is to beat: bits per byte of what serves for the name, or of what the run began with."""
        first = self._name if self._registry.promoted(self._name) else options.start_from
        if first is not None:
            return bits_per_byte(self._registry.find(first).engine(), self._held_out.files)
        with torch.random.fork_rng(devices=[]):  # those of the run go on from where they are
            fresh = start(run.network.config, options, lanes=1)
        return plain(run.network.config, fresh.network.weights(), run.vocabulary, self._held_out.files).held_out

    def train(self, run: Run[Network], batches: Batches | Mixed, options: TrainConfig) -> None:
        """Take all steps, saving the run every now and then, when it is interrupted and at its end."""
        saved = time.perf_counter()
        try:
            with whole_steps() as let_interrupts_through:
                for step in train(run, batches, self._held_out.files, options):
                    self._watcher.step(step)
                    let_interrupts_through()
                    if time.perf_counter() - saved > _SAVE_SECONDS:
                        self._save(run, options)
                        saved = time.perf_counter()
        except KeyboardInterrupt:
            self._save(run, options)
            self._watcher.note(_INTERRUPTED)
            raise
        self._save(run, options)  # to judge it takes long as well

    def finish(self, run: Run[Network], options: TrainConfig, before: float, began: float) -> Learnt:
        """Write what the run's best weights are worth keeping as a new version, and promote it if it beats `before`."""
        self._watcher.note("judging it on the files held out")
        try:
            found = self._kept(run, options)
            verdict = self._judged(found, before)
        except KeyboardInterrupt:
            self._watcher.note(_INTERRUPTED)
            raise
        seconds = time.perf_counter() - began
        metrics = {
            "held_out": {"before": before, "after": found.held_out},
            "generic": found.generic and asdict(found.generic),
            "share": found.share,
            "started_from": options.start_from,
            "steps": run.step,
            "seconds": seconds,
        }
        if verdict.against:
            metrics["kept_aside"] = verdict.against
        version = self._registry.add(
            self._name, run.network.config, found.weights, found.graph, metrics, self._record.sources, run.vocabulary
        )
        serves = self._let_serve(version, verdict)
        self._snapshot.unlink(missing_ok=True)
        self._record.remove()
        self._draw_curve()
        promoted = not verdict.against
        return Learnt(self._name, version, promoted, serves, before, found.held_out, found.generic, seconds)

    def _judged(self, found: Blend, before: float) -> Verdict:
        if not self._plan.serve:
            return judge(found, before)
        return judge_beside_serving(found, before, self._registry, self._name, self._held_out.files)

    def _let_serve(self, version: str, verdict: Verdict) -> bool:
        """Promote a version as far as it deserves it, say why no farther, and tell whether its name serves for all."""
        if verdict.against:
            self._watcher.note(f"not promoted: {verdict.against}")
            return False
        self._registry.promote(self._name, version)
        if verdict.rival:
            choice = f"`foretype models use {self._name}` chooses {self._name} all the same"
            self._watcher.note(f"{verdict.rival} goes on serving, it predicts the files held out better; {choice}")
        elif self._plan.serve:
            self._registry.use(self._name)
            return True
        return False

    def _save(self, run: Run[Network], options: TrainConfig) -> None:
        if self._processes.is_first:
            snapshot.save(self._snapshot, run, options, self._fingerprint)

    def _draw_curve(self) -> None:
        curve, picture = learning_curve.read(self._log), self._log.with_suffix(".png")
        if not curve.learnt:
            return
        try:
            atomic.write_file(picture, draw(curve))
        except OSError as error:  # the model is there, which is what counts
            self._watcher.note(f"its curve could not be drawn: {error}")
        else:
            self._watcher.note(f"its curve: {picture}")

    def _kept(self, run: Run[Network], options: TrainConfig) -> Blend:
        weights = run.best_weights or run.network.weights()
        if options.start_from is None:
            return plain(run.network.config, weights, run.vocabulary, self._held_out.files)
        start = self._registry.find(options.start_from)
        return best_blend(start, weights, self._held_out.files, options.seed)

    def _resume(self) -> tuple[Run[Network], TrainConfig, Batches | Mixed]:
        run, interrupted, fingerprint = snapshot.load(self._snapshot, self._device, self._processes)
        options = self._plan.limited(interrupted)
        self._check_shape(run.network.config)
        self._open()
        if fingerprint != self._fingerprint:
            self._watcher.note("the files have changed since the interruption; going on with what they are now")
        self._watcher.note(f"resuming after step {run.step}, {run.seconds:.0f} s")
        batches = self._batches(options, run.vocabulary)
        lanes = self._processes.lanes(batches.batch_size)
        if self._processes.count > 1 or lanes != len(run.state[0]):
            run.state = run.network.zero_state(lanes)
        return run, options, batches

    def _check_shape(self, config: Config) -> None:
        """Refuse to go on with a run as if it were another one."""
        if self._plan.unit not in (None, config.unit):
            raise UserError(f"the interrupted run learns {config.unit}s; leave out --unit to go on with it")
        wanted = self._plan.config
        if wanted is not None and replace(wanted, vocab_size=config.vocab_size) != config:
            shape = f"{config.n_layer} x {config.d_model} {config.cell}"
            raise UserError(f"the interrupted run is {shape}; leave out --cell, --hidden and --layers to go on with it")

    def _beginning(self, options: TrainConfig) -> tuple[Config, Weights | None, Vocabulary]:
        plan, size = self._plan, f"{self._text.nbytes / 1e6:.1f} MB"
        if options.start_from is None:
            return self._shape(options)
        found = self._registry.find(options.start_from)
        if plan.config not in (None, found.config):
            raise UserError(f"{options.start_from} has a shape of its own; leave out --cell, --hidden and --layers")
        limit = "" if options.minutes is None else f" for at most {options.minutes:g} minutes"
        self._watcher.note(f"{size}: remembered at once; {options.start_from} adapts to it{limit}")
        return found.config, found.weights(), found.vocabulary()

    def _shape(self, options: TrainConfig) -> tuple[Config, None, Vocabulary]:
        """Return the shape of a fresh network, no weights and what its tokens are."""
        config = self._plan.config
        if config is None:
            config, why = suitable_config(options.minutes, self._text.nbytes)
            self._watcher.note(why)
        if self._plan.unit != "word":
            return config, None, BYTES
        vocabulary = suitable_vocabulary((file.text for file in self._text.files), self._text.nbytes)
        if not vocabulary.pieces:
            raise UserError(f"no word is frequent in {self._text.summary()}; name more text or leave out --unit word")
        self._watcher.note(f"{len(vocabulary.pieces)} words have a token; all others are spelt")
        return replace(config, vocab_size=vocabulary.size), None, vocabulary

    def _batches(self, options: TrainConfig, vocabulary: Vocabulary) -> Batches | Mixed:
        text, carry_state = self._text.files, options.carry_state
        batches = Batches(text, options.batch_size, options.seq_len, options.seed, vocabulary, carry_state=carry_state)
        if batches.batch_size < self._processes.count:
            raise UserError(f"{self._text.summary()} are too little for {self._processes.count} processes; start fewer")
        if options.start_from is None or not options.rehearsal_lanes:
            return batches
        engine = self._registry.find(options.start_from).engine()
        self._watcher.note(f"{options.start_from} writes {REHEARSAL_BYTES / 1e3:.0f} kB of text to rehearse")
        written = rehearse(engine, REHEARSAL_BYTES, options.seed)
        lanes = options.rehearsal_lanes
        beside = Batches(written, lanes, batches.seq_len, options.seed, vocabulary, carry_state=carry_state)
        return Mixed(batches, beside)


def _name(plan: Plan, registry: Registry) -> str:
    name = plan.name or registry.trained_name()
    registry.versions(name)  # one that cannot be used should not cost the training first
    return name


def _sweep(registry: Registry, name: str) -> None:
    """Remove what killed runs of this model left half-written, each as large as a model."""
    registry.sweep(name)
    for ending in (".safetensors", ".sources.json", ".png"):
        atomic.sweep(registry.root / learning_curve.FOLDER / f"{name}{ending}")
