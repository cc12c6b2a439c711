"""An engine whose logits know what stands right of the caret, for the report on what that is worth; nothing serves it.

The states stay those of the text left of the caret, so whatever else a session does is as with the engine alone. Knows
nothing of sessions; one text stands right of the caret at a time.
"""

from __future__ import annotations

import torch

from foretype.model.engine import Engine
from foretype.model.state import State
from foretype.model.steps import Logits, Steps, Tokens, ValueSteps
from foretype.training.base.infill_network import InfillNetwork, symbols


class InfillEngine(Engine):
    """Run the graph of another engine, and add to the logits of the next byte what an encoder makes of the right."""

    def __init__(self, engine: Engine, network: InfillNetwork, right: bytes) -> None:
        """Share the graph that `engine` has loaded; blanks right of the caret say nothing, and nothing is added."""
        vars(self).update(vars(engine))
        self._network = network
        self._encoded: torch.Tensor | None = None
        if right[: network.reach].strip():
            with torch.no_grad():
                self._encoded = network.encode(torch.from_numpy(symbols(right, network.reach))[None])

    def read(self, tokens: bytes, state: State) -> tuple[Logits, State]:
        """Read as the engine does; the logits (V,) know the right."""
        logits, following = super().read(tokens, state)
        return self._shifted(logits[None], following)[0], following

    def steps(self, state: State) -> Steps:
        """Return the lanes of `state`, to `step` again and again."""
        return ValueSteps(self.step, state)

    def step(self, tokens: Tokens, state: State) -> tuple[Logits, State]:
        """Read one token per lane; the logits (B, V) know the right."""
        logits, following = super().step(tokens, state)
        return self._shifted(logits, following), following

    def _shifted(self, logits: Logits, state: State) -> Logits:
        if self._encoded is None:
            return logits
        top = state.arrays[self.config.state_names.index(f"h_{self.config.n_layer - 1}")][0]
        with torch.no_grad():
            shift: Logits = self._network.shift(torch.from_numpy(top), self._encoded).numpy()
        return logits + shift
