"""Lanes that go on one token at a time, used up by it: how a suggestion is drawn.

The runtime writes into two sets of arrays in turn, bound to the graph beforehand, so that a step neither allocates nor
looks names up: the same bits as `Engine.step` in nine tenths of the time. Knows nothing of documents or sampling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from foretype.model.state import State

Tokens = Sequence[int] | NDArray[np.integer[Any]]
Logits = NDArray[np.float32]


class Steps(Protocol):
    """Own the state of several lanes."""

    def advance(self, tokens: Tokens) -> Logits:
        """Read one token per lane; return logits (B, V), good until the next call."""


class ValueSteps:
    """Go on by values: for engines whose step is more than one run of the graph."""

    def __init__(self, step: Callable[[Tokens, State], tuple[Logits, State]], state: State) -> None:
        """Begin at `state`, which is not written to."""
        self._step = step
        self._state = state

    def advance(self, tokens: Tokens) -> Logits:
        """Read one token per lane; return logits (B, V)."""
        logits, self._state = self._step(tokens, self._state)
        return logits


class BoundSteps:
    """Go on in place."""

    def __init__(
        self, new_binding: Callable[[], Any], run: Callable[[Any], None], names: Sequence[str], vocab: int, state: State
    ) -> None:
        """Begin at `state`, which is not written to; `run` runs the graph on what `new_binding` made."""
        self._run = run
        self._tokens = np.zeros((1, state.lanes), np.int64)
        self._logits = np.empty((1, state.lanes, vocab), np.float32)
        read, written = state.copy(), State(tuple(np.empty_like(array) for array in state.arrays))
        tokens, logits = _shared(self._tokens), _shared(self._logits)
        ways = [{n: _shared(a) for n, a in zip(names, one.arrays, strict=True)} for one in (read, written)]
        self._next, self._other = (
            _bound(new_binding(), {"tokens": tokens, **before}, {"logits": logits} | _following(after))
            for before, after in (ways, reversed(ways))
        )
        self._alive = (read, written)  # the runtime holds addresses, not arrays

    def advance(self, tokens: Tokens) -> Logits:
        """Read one token per lane; return logits (B, V), which the next call overwrites."""
        self._tokens[0] = tokens
        self._run(self._next)
        self._next, self._other = self._other, self._next
        logits: Logits = self._logits[0]
        return logits


def _shared(array: NDArray[Any]) -> Any:
    """Return the runtime's view of an array, which must outlive it."""
    import onnxruntime

    return onnxruntime.OrtValue.ortvalue_from_numpy(array)


def _following(state: dict[str, Any]) -> dict[str, Any]:
    return {f"{name}_next": value for name, value in state.items()}


def _bound(binding: Any, inputs: dict[str, Any], outputs: dict[str, Any]) -> Any:
    for name, value in inputs.items():
        binding.bind_ortvalue_input(name, value)
    for name, value in outputs.items():
        binding.bind_ortvalue_output(name, value)
    return binding
