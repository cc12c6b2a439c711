"""The hidden state of a network as a value: arrays that nobody writes to after they were made.

Knows nothing of engines or documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foretype.model.config import Config


@dataclass(frozen=True, slots=True)
class State:
    """Hold one array (1, B, D) float32 per name in `Config.state_names`, B being the number of lanes."""

    arrays: tuple[NDArray[np.float32], ...]

    @classmethod
    def zero(cls, config: Config, lanes: int = 1) -> State:
        """Return the state before anything was read."""
        shape = (1, lanes, config.d_model)
        return cls(tuple(np.zeros(shape, np.float32) for _ in config.state_names))

    @property
    def lanes(self) -> int:
        """Number of continuations that this state carries side by side."""
        return int(self.arrays[0].shape[1])

    @property
    def nbytes(self) -> int:
        """Size of all arrays in bytes."""
        return sum(array.nbytes for array in self.arrays)

    def copy(self) -> State:
        """Return a state that shares no memory with this one."""
        return State(tuple(array.copy() for array in self.arrays))

    def take(self, lanes: Sequence[int]) -> State:
        """Return a state made of these lanes, in this order, repeats allowed: how a continuation is branched."""
        index = np.asarray(lanes, dtype=np.intp)
        return State(tuple(np.ascontiguousarray(array[:, index]) for array in self.arrays))
