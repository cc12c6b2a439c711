"""How far a network may go from the one it started from: weights between the two, judged on old and new text.

A straight way between a network and its adaptation often leads over better ground than either end: most of what was
learnt is kept, and less of what was known is lost. Source: Wortsman et al. 2022 ("Robust fine-tuning of zero-shot
models", section 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foretype.model.checkpoint import Checkpoint
from foretype.model.config import Config
from foretype.model.engine import Engine
from foretype.model.export import Weights, export
from foretype.model.vocabulary import Vocabulary
from foretype.model.word_engine import engine_for
from foretype.training.batches import Text
from foretype.training.evaluate import bits_per_byte
from foretype.training.rehearsal import rehearse

MOST_FORGOTTEN = 0.045
"""By which share the bits on text that the first network wrote may rise.

Text of its own costs it the least that any network could reach, so every change shows there: on real text of other
projects bits rise by less than half as much, about 2 % (docs/log.md).
"""
SHARES = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25)
"""Of the way from the first network to the adapted one."""

_JUDGE_BYTES = 64_000


@dataclass(frozen=True, slots=True)
class Generic:
    """Hold bits per byte on text like what the first network had learnt from."""

    before: float
    after: float

    @property
    def loss(self) -> float:
        """By which share they rose."""
        return self.after / self.before - 1


@dataclass(frozen=True, slots=True)
class Blend:
    """Hold weights, their graph, and what they are worth."""

    weights: Weights
    graph: bytes
    held_out: float
    """Bits per byte on the user's held-out files."""
    share: float = 1.0
    generic: Generic | None = None


def plain(config: Config, weights: Weights, vocabulary: Vocabulary, held_out: Sequence[Text]) -> Blend:
    """Return the weights as they are."""
    graph = export(config, weights)
    return Blend(weights, graph, bits_per_byte(engine_for(config, graph, vocabulary), held_out))


def best_blend(start: Checkpoint, adapted: Weights, held_out: Sequence[Text], seed: int) -> Blend:
    """Return the blend that predicts `held_out` best of those that forget little, else the one that forgets least.

    What is forgotten shows on text that the first network wrote, other text than it may have been trained on.
    """
    old, first = start.weights(), start.engine()
    judge = rehearse(first, _JUDGE_BYTES, seed + 1)
    before = bits_per_byte(first, judge)
    found = [_candidate(start, first.vocabulary, old, adapted, share, judge, before) for share in SHARES]
    allowed = [one for one in found if one.generic.loss <= MOST_FORGOTTEN] or [
        min(found, key=lambda one: one.generic.loss)
    ]
    best: Blend | None = None
    for one in allowed:  # the farthest first; once a nearer one is worse, those nearer still are worse too
        blend = one.judged(held_out)
        if best is not None and blend.held_out >= best.held_out:
            break
        best = blend
    assert best is not None
    return best


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Hold a blend whose worth on held-out files is not known yet."""

    share: float
    weights: Weights
    graph: bytes
    engine: Engine
    generic: Generic

    def judged(self, held_out: Sequence[Text]) -> Blend:
        """Return the same with its worth."""
        return Blend(self.weights, self.graph, bits_per_byte(self.engine, held_out), self.share, self.generic)


def _candidate(
    start: Checkpoint,
    vocabulary: Vocabulary,
    old: Weights,
    adapted: Weights,
    share: float,
    judge: Sequence[Text],
    before: float,
) -> _Candidate:
    weights = {name: (old[name] + share * (adapted[name] - old[name])).astype(np.float32) for name in old}
    graph = export(start.config, weights)
    engine = engine_for(start.config, graph, vocabulary)
    return _Candidate(share, weights, graph, engine, Generic(before, bits_per_byte(engine, judge)))
