"""Generate several continuations of one text side by side.

Lane 0 takes the likeliest byte always, the others sample. A lane ends with the last line that it may have, or at the
length limit. Probabilities are those of the model's own distribution over valid text, whatever the temperature.
Knows nothing of what is worth showing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from foretype.model.sampling import Sampling, restrict, sample
from foretype.model.session import Continuations
from foretype.model.tokens import NEWLINE, START, allowed_tokens, utf8_transitions


@dataclass(slots=True)
class Lane:
    """Collect one continuation."""

    tokens: bytearray = field(default_factory=bytearray)
    log_probabilities: list[float] = field(default_factory=list)
    """After each token, the natural logarithm of the probability of all tokens so far."""
    situation: int = START
    """Where within a UTF-8 character the lane stands."""
    lines: int = 1
    """How many it may still have, this one among them."""
    ended: bool = False
    """Whether the model itself ended the last line; that newline is not among the tokens."""

    @property
    def log_probability(self) -> float:
        """The natural logarithm of the probability of the whole lane."""
        return self.log_probabilities[-1] if self.log_probabilities else 0.0

    def accept(self, token: int, probability: float) -> None:
        """Append a token drawn with this probability."""
        if token == NEWLINE:
            self.lines -= 1
            if self.lines == 0:
                self.ended = True
                return
        self.log_probabilities.append(self.log_probability + math.log(probability))
        self.tokens.append(token)
        self.situation = int(utf8_transitions()[self.situation, token])


def decode(
    continuations: Continuations,
    samplings: list[Sampling],
    max_bytes: int,
    draws: np.random.Generator,
    stop: Callable[[list[Lane]], bool],
    lines: int = 1,
) -> list[Lane]:
    """Return one lane per entry of `samplings`, each of at most `max_bytes`, whole characters and `lines` lines.

    There must be as many continuations; they are used up. `stop` sees the lanes after every step and may end the work
    early.
    """
    lanes = [Lane(lines=lines) for _ in samplings]
    for position in range(max_bytes):
        allowed = allowed_tokens()[[lane.situation for lane in lanes]]
        distributions = restrict(continuations.distributions(), allowed)
        tokens = sample(distributions, samplings, draws.random(len(lanes)))
        for lane, token, distribution in zip(lanes, tokens, distributions, strict=True):
            if not lane.ended:
                lane.accept(int(token), float(distribution[token]))
        if all(lane.ended for lane in lanes) or stop(lanes) or position == max_bytes - 1:
            break
        continuations.advance([lane.tokens[-1] if lane.tokens and not lane.ended else NEWLINE for lane in lanes])
    for lane in lanes:
        _drop_partial_character(lane)
    return lanes


def _drop_partial_character(lane: Lane) -> None:
    while lane.situation != START:
        lane.log_probabilities.pop()
        last = lane.tokens.pop()
        if last >= 0xC0:  # the character's first byte: what stands before it is whole
            lane.situation = START
