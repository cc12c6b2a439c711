"""Run an exported network on ONNX Runtime: feed known tokens (`prefill`) or one per lane (`step`).

Knows token ids and states only: not text, documents, sampling or torch. One thread by default, because the engine
shares the machine with an editor. Both calls release the GIL.

The 8-bit operators scale their inputs over the whole chunk they are given, so one prefill of 100 tokens and two of 50
differ in the last digits. Who needs equal states for equal text feeds equal chunks (see `session.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foretype.model.config import Config
from foretype.model.errors import CheckpointError
from foretype.model.state import State
from foretype.model.steps import BoundSteps, Logits, Steps, Tokens
from foretype.model.vocabulary import BYTES


class Engine:
    """Own the loaded graph; hold no state between calls, so that any number of sessions share one engine."""

    vocabulary = BYTES

    def __init__(self, config: Config, graph: bytes | Path, threads: int = 1) -> None:
        """Load `graph`; one that is no ONNX graph or does not fit `config` raises CheckpointError.

        So does, later, each call during which the runtime fails, or answers in another shape.
        """
        self.config = config
        self._name = _name(graph)
        self._runtime = _load(graph, threads)
        self._state_names = config.state_names
        self._names = ["logits", *(f"{name}_next" for name in self._state_names)]
        _check(config, self._runtime, self._name)

    def zero_state(self, lanes: int = 1) -> State:
        """Return the state before anything was read."""
        return State.zero(self.config, lanes)

    def prefill(self, tokens: bytes, state: State) -> tuple[Logits, State]:
        """Read at least one token into a state of one lane; return logits (T, V) after each and the state."""
        assert tokens, "prefill needs a token: the logits before the first one belong to the state's maker"
        assert state.lanes == 1
        logits, following = self.scan(np.frombuffer(tokens, np.uint8)[:, None], state)
        return logits[:, 0], following

    def read(self, tokens: bytes, state: State) -> tuple[Logits, State]:
        """Read as `prefill` does, but return only the logits (V,) after the last token and the state, to be kept.

        Both are copies: what the runtime returns lies in its arena, which grows by powers of two and never shrinks.
        """
        logits, following = self.prefill(tokens, state)
        return logits[-1].copy(), following.copy()

    def step(self, tokens: Tokens, state: State) -> tuple[Logits, State]:
        """Read one token per lane; return logits (B, V) and the state."""
        row = np.asarray(tokens)[None, :]
        assert row.shape[1] == state.lanes
        logits, following = self.scan(row, state)
        return logits[0], following

    def steps(self, state: State) -> Steps:
        """Return the lanes of `state`, which is not written to, to `step` again and again with less ado."""
        names, vocab_size = self._state_names, self.config.vocab_size
        return BoundSteps(self._runtime.io_binding, self._run_bound, names, vocab_size, state)

    def scan(self, tokens: NDArray[np.integer[Any]], state: State) -> tuple[Logits, State]:
        """Read the graph's own tokens (T, B); return logits (T, B, V) after each and the state."""
        feeds: dict[str, NDArray[Any]] = dict(zip(self._state_names, state.arrays, strict=True))
        feeds["tokens"] = tokens.astype(np.int64)
        try:
            logits, *arrays = self._runtime.run(self._names, feeds)
        except Exception as error:  # the runtime raises a dozen kinds, none of them exported
            raise CheckpointError(self._failing(_reason(error))) from error
        expected = (*tokens.shape, self.config.vocab_size)
        if logits.shape != expected:  # states of another shape the runtime refuses itself, when they come back
            raise CheckpointError(self._failing(f"expected logits of shape {expected}, found {logits.shape}"))
        return logits, State(tuple(arrays))

    def _run_bound(self, binding: Any) -> None:
        try:
            self._runtime.run_with_iobinding(binding)
        except Exception as error:  # also where an answer has another shape than was bound
            raise CheckpointError(self._failing(_reason(error))) from error

    def _failing(self, reason: str) -> str:
        return f"{self._name} fails while it runs ({reason}); use another version or train anew"


def _load(graph: bytes | Path, threads: int) -> Any:
    try:
        import onnxruntime
    except ImportError as error:  # also where a library of the system is missing
        raise CheckpointError(
            f"ONNX Runtime cannot be loaded ({_reason(error)}); pip install --force-reinstall onnxruntime"
        ) from error
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # an idle editor stays idle
    source = str(graph) if isinstance(graph, Path) else graph
    try:
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime raises a dozen kinds, none of them exported
        raise CheckpointError(f"{_name(graph)} is not a graph that ONNX Runtime can run ({_reason(error)})") from error


def _check(config: Config, runtime: Any, name: str) -> None:
    found = {value.name: _width(value.shape) for value in runtime.get_inputs()}
    made = {value.name: _width(value.shape) for value in runtime.get_outputs()}
    expected = dict.fromkeys(config.state_names, config.d_model)
    tokens, logits = found.pop("tokens", None), made.pop("logits", None)
    following = {f"{state}_next": size for state, size in expected.items()}
    if tokens is None or found != expected or logits != config.vocab_size or made != following:
        raise CheckpointError(
            f"{name} does not fit its configuration: expected states {expected} and {config.vocab_size} logits, "
            f"found {found}, then {made} and {logits}"
        )


def _width(shape: Sequence[int | str | None]) -> int | str | None:
    return shape[-1] if shape else None  # a graph from elsewhere may want a single number


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _name(graph: bytes | Path) -> str:
    return str(graph) if isinstance(graph, Path) else "the graph"
