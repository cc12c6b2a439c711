"""What a training run is to learn from and how, as its user asks for it. Knows nothing of how it is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from foretype.model.config import Config, Unit
from foretype.model.errors import UserError
from foretype.model.vocabulary import Vocabulary
from foretype.training.train_config import TrainConfig

DEVICES = ("auto", "cpu", "cuda", "mps")
"""Where a run may compute; `auto` is the fastest that is there."""

SCRATCH = "scratch"
"""What to start from where no model is gone on from."""

_ADAPTATION: dict[str, Any] = {"learning_rate": 1e-3, "batch_size": 12, "rehearsal_lanes": 4}
"""Smaller steps than a fresh network takes, a quarter of the lanes for what it knew; not compared with others yet."""
_SHORT_MINUTES = 10
_SMALL_CORPUS_BYTES = 4_000_000
_FEW_WORDS, _MANY_WORDS = 4096, 8192
"""Tokens for words: more of them than can be learnt well cost time at every step."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Say what to learn from and how; a fresh run without options raises ValueError."""

    paths: Sequence[Path]
    train_config: TrainConfig | None
    """None goes on to the limits that an interrupted run had."""
    name: str | None = None
    """Model to make a version of; by default the one of `Registry.trained_name`."""
    config: Config | None = None
    """Shape of a fresh network; by default one that suits the time."""
    unit: Unit | None = None
    """What a network reads; by default bytes, or what the model that it starts from does."""
    resume: bool = False
    serve: bool = False
    """Whether its name is to serve where none is asked for, if it predicts better than what does so far."""
    device: str = "auto"
    """One of `DEVICES`."""
    seed: int | None = None
    """Of the run to be resumed, where the user says it again; the run must have begun with it."""
    start_from: str | None = None
    """Likewise."""

    def __post_init__(self) -> None:
        if self.train_config is None and not self.resume:
            raise ValueError("a fresh run needs options")

    def limited(self, interrupted: TrainConfig) -> TrainConfig:
        """Return the options of an interrupted run with this plan's limits, if any; UserError if it is another run."""
        began_from = interrupted.start_from or SCRATCH
        if self.seed not in (None, interrupted.seed):
            raise UserError(f"the interrupted run has seed {interrupted.seed}; leave out --seed to go on with it")
        if self.start_from not in (None, began_from):
            raise UserError(f"the interrupted run began from {began_from}; leave out --from to go on with it")
        if self.train_config is None:
            return interrupted
        return replace(interrupted, minutes=self.train_config.minutes, epochs=self.train_config.epochs)


def options_from(start_from: str, **values: Any) -> TrainConfig:
    """Return options for a fresh network if `start_from` is `SCRATCH`, else for adapting the model of that name."""
    return TrainConfig(**values) if start_from == SCRATCH else adaptation(start_from, **values)


def adaptation(start_from: str, **values: Any) -> TrainConfig:
    """Return options for going on from a model: small steps, and a quarter of the lanes for what it knew before."""
    return TrainConfig(start_from=start_from, **_ADAPTATION, **values)


def suitable_config(minutes: float | None, nbytes: int) -> tuple[Config, str]:
    """Return a shape that can learn this much text in the time, and one line that says why."""
    short = minutes is not None and minutes < _SHORT_MINUTES
    if short:
        config = Config(n_layer=1, d_model=384)
    elif nbytes < _SMALL_CORPUS_BYTES:
        config = Config(n_layer=2, d_model=384)
    else:
        config = Config(n_layer=2, d_model=512)
    time_text = "no time limit" if minutes is None else f"{minutes:g} minutes"
    return config, f"{nbytes / 1e6:.1f} MB, {time_text}: {config.n_layer} x {config.d_model} {config.cell}"


def suitable_vocabulary(texts: Iterable[bytes], nbytes: int) -> Vocabulary:
    """Return the words of these texts, `nbytes` in all, that deserve a token."""
    return Vocabulary.of(texts, _FEW_WORDS if nbytes < _SMALL_CORPUS_BYTES else _MANY_WORDS)
