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
from foretype.model.export import Weights, export
from foretype.model.vocabulary import Vocabulary
from foretype.model.word_engine import engine_for
from foretype.training.batches import Text
from foretype.training.evaluate import bits_per_byte
from foretype.training.rehearsal import rehearse

MOST_FORGOTTEN = 0.02
"""By which share the bits on text that the first network knew may rise."""
SHARES = (1.0, 0.75, 0.5, 0.25)
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
    first, old = start.engine(), start.weights()
    judge = rehearse(first, _JUDGE_BYTES, seed + 1)
    before = bits_per_byte(first, judge)
    found = []
    for share in SHARES:
        weights = {name: (old[name] + share * (adapted[name] - old[name])).astype(np.float32) for name in old}
        graph = export(start.config, weights)
        engine = engine_for(start.config, graph, first.vocabulary)
        generic = Generic(before, bits_per_byte(engine, judge))
        found.append(Blend(weights, graph, bits_per_byte(engine, held_out), share, generic))
    allowed = [blend for blend in found if _loss(blend) <= MOST_FORGOTTEN]
    return min(allowed, key=lambda blend: blend.held_out) if allowed else min(found, key=_loss)


def _loss(blend: Blend) -> float:
    assert blend.generic is not None
    return blend.generic.loss
