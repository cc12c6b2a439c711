"""How much of what the base has learnt it repeats to the letter, beside text that it cannot have seen.

Of each document the network reads some text, then writes greedily; a continuation that is the document's own counts.
Much of any code can be foreseen, so held-out documents say how much of that is memory. Source of the measure: Carlini
et al. 2023 ("Quantifying Memorization Across Neural Language Models", section 3.1), in bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from foretype.model.engine import Engine
from foretype.model.language import header_of
from foretype.model.tokens import excerpt_header
from foretype.training.base.streams import Library

PROMPT_BYTES, CONTINUATION_BYTES = 256, 48
"""About 50 tokens of a large model are read there, and 50 compared; here a suggestion's greatest length is."""


def excerpts(library: Library, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield the paths of `count` documents, drawn as beginnings are, with as many bytes as are read and compared."""
    draws = np.random.default_rng(seed)
    length = PROMPT_BYTES + CONTINUATION_BYTES
    found = 0
    while found < count:
        path, text = library.draw_for_beginning(draws)
        if len(text) > length:
            start = int(draws.integers(len(text) - length))
            yield path, text[start : start + length].tobytes()
            found += 1


def repeated(engine: Engine, found: Sequence[tuple[str, bytes]]) -> list[bool]:
    """Tell of each excerpt whether the network, having read its beginning, writes all of the rest."""
    return [_writes(engine, path, text[:PROMPT_BYTES], text[PROMPT_BYTES:]) for path, text in found]


def _writes(engine: Engine, path: str, prompt: bytes, rest: bytes) -> bool:
    logits, state = engine.prefill(excerpt_header(header_of(path)) + prompt, engine.zero_state())
    for expected in rest:
        if int(logits[-1].argmax()) != expected:
            return False
        logits, state = engine.step([expected], state)
    return True
