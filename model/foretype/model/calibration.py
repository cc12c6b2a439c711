"""How far to trust a suggestion: what its probability is worth, and how right the latest ones of its document were.

The first is learnt once from simulated typing and ships with the package; the second is counted while a document is
being typed and decides about showing alone, never about what is suggested. Knows nothing of networks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

_FEW_TYPED = 3
"""So many characters of a word leave little doubt which one it is."""
_NEARLY_ONE = math.log(1 - 1e-6)
_STEEPEST = 30.0

UNCALIBRATED = (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""Weights that leave the probability as it is."""

RECORD_RATE = 0.2
"""How much one outcome changes a record, in logits for a surprise of one."""
_RECORD_LIMIT = 2.0
_MOST_PENDING = 16


@dataclass(frozen=True, slots=True)
class Look:
    """Hold what can be seen of a suggestion before it proves right or wrong."""

    log_probability: float
    length: int
    """In characters."""
    typed: int
    """Characters of the caret's word that stand there already."""
    known: bool
    """Whether the project is known."""
    agreement: float = 1.0
    """Share of the continuations tried that begin like this."""
    weakest: float = 0.0
    """The smallest logarithm of a byte's probability in it."""
    sampled: bool = False
    """Whether it was drawn, and not the likeliest byte at every step."""

    def features(self) -> tuple[float, ...]:
        """Return what a calibration weighs, one number per weight."""
        log_probability = min(self.log_probability, _NEARLY_ONE)
        odds = log_probability - math.log(-math.expm1(log_probability))
        return (
            1.0,
            odds,
            math.log(self.length),
            float(self.typed == 0),
            float(0 < self.typed < _FEW_TYPED),
            float(self.known),
            self.known * odds,
            self.agreement - 1,
            self.weakest,
            float(self.sampled),
        )


def confidence(weights: Sequence[float], look: Look, bias: float = 0.0) -> float:
    """Return how often a suggestion of this look proves right: a logistic curve (Platt 1999) over its features."""
    score = sum(weight * feature for weight, feature in zip(weights, look.features(), strict=True)) + bias
    return 1 / (1 + math.exp(-min(max(score, -_STEEPEST), _STEEPEST)))


def moved(bias: float, confidence: float, right: bool) -> float:
    """Return the bias after an outcome: one step of online logistic regression, within limits."""
    return min(max(bias + RECORD_RATE * (right - confidence), -_RECORD_LIMIT), _RECORD_LIMIT)


@dataclass(frozen=True, slots=True)
class _Pending:
    rest: bytes
    """What must still be typed for it to be right."""
    confidence: float


@dataclass(slots=True)
class Record:
    """Count how right the suggestions of one document were, shown or not, as its text grows."""

    bias: float = 0.0
    """To be added to a suggestion's score, in logits; 0 while nothing is known."""
    _before: bytes = b""
    _pending: list[_Pending] = field(default_factory=list)

    def follow(self, before: bytes) -> None:
        """Learn what has become of the suggestions by the text that stands before the caret now."""
        typed = _appended(self._before, before)
        self._before = before
        if typed is None:
            self._pending = []  # a copy of the record may hold the old one
            return
        still = []
        for one in self._pending:
            if one.rest != typed and one.rest.startswith(typed):
                still.append(_Pending(one.rest[len(typed) :], one.confidence))
            else:
                self.bias = moved(self.bias, one.confidence, typed.startswith(one.rest))
        self._pending = still

    def note(self, text: bytes, confidence: float) -> None:
        """Remember a suggestion for the text followed last; one that only repeats the rest of another counts once."""
        if all(one.rest != text for one in self._pending):
            self._pending = [*self._pending, _Pending(text, confidence)][-_MOST_PENDING:]


_COMPARED, _LONGEST_TYPED = 64, 256


def _appended(old: bytes, new: bytes) -> bytes | None:
    """Return what was appended to `old` to make `new`, None if it was changed otherwise; both are ends of a text."""
    end, longest = old[-_COMPARED:], min(len(new), _LONGEST_TYPED)
    grown = len(new) - len(old)  # which tells apart what a ruler would leave open
    for length in (*([grown] if 0 <= grown <= longest else []), *range(longest + 1)):
        if new.endswith(end, 0, len(new) - length) and (len(end) == _COMPARED or len(end) == len(new) - length):
            return new[len(new) - length :]
    return None
