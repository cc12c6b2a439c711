"""Which version serves: for its name what beats what the name had, for all what beats what serves so far as well.

Everything is judged on files that were held out. Knows nothing of how a version came to be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from foretype.model.errors import UserError
from foretype.model.registry import BASE_NAME, Registry
from foretype.training.batches import Text
from foretype.training.blend import MOST_FORGOTTEN, Blend
from foretype.training.evaluate import bits_per_byte


@dataclass(frozen=True, slots=True)
class Verdict:
    """Tell what a new version is good for."""

    against: str = ""
    """Why it must not serve, not even for its name; empty if it may."""
    rival: str = ""
    """The other name that goes on serving where none is asked for, as it predicts better; empty if there is none."""


def judge(found: Blend, before: float) -> Verdict:
    """Hold a version against what there was to beat, in bits per byte on held-out files."""
    if math.isnan(found.held_out):
        return Verdict("it came to numbers that are none")
    if found.held_out >= before:
        return Verdict(f"{found.held_out:.3f} bits per byte on held-out files, {before:.3f} before")
    if found.generic is not None and found.generic.loss > MOST_FORGOTTEN:
        most = f"at most {MOST_FORGOTTEN:.1%} are allowed"
        return Verdict(f"it forgot {found.generic.loss:.1%} of what it knew, {most}")
    return Verdict()


def judge_beside_serving(
    found: Blend, before: float, registry: Registry, name: str, held_out: Sequence[Text]
) -> Verdict:
    """Do as `judge` does, and hold what may serve for its name against the other name that serves so far.

    A rival that cannot be loaded is none.
    """
    verdict = judge(found, before)
    if verdict.against:
        return verdict
    try:
        serving = registry.current_name() or BASE_NAME
        if serving != name and bits_per_byte(registry.find(serving).engine(), held_out) <= found.held_out:
            return Verdict(rival=serving)
    except UserError:
        pass
    return verdict
