"""Text that a network writes by itself, to be learnt again beside new text, so that what it knew is not forgotten.

Nothing that the network learnt from has to be kept or shipped for it. Source: pseudo-rehearsal, Robins 1995
("Catastrophic Forgetting, Rehearsal and Pseudorehearsal"), with the network's own samples in place of random inputs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foretype.model.engine import Engine
from foretype.model.language import header_of
from foretype.model.sampling import Sampling, probabilities, sample
from foretype.model.state import State
from foretype.model.tokens import START, allowed_tokens, utf8_transitions

REHEARSAL_BYTES = 256_000
"""A few seconds' writing; more of it teaches little in the minutes that a run takes."""

_FILES = (
    "main.py", "index.js", "index.ts", "main.c", "main.cpp", "main.go", "lib.rs", "Main.java", "main.rb", "run.sh",
    "index.html", "style.css", "schema.sql", "config.yaml", "package.json", "config.toml", "README.md", "notes.txt",
)  # fmt: skip
"""Names of files, one for each language that a base is expected to know."""
_LANES_PER_FILE = 4
_AS_IT_IS = Sampling(temperature=1.0, min_p=0.0)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """Hold one text that a network wrote."""

    header: bytes
    text: bytes


def rehearse(engine: Engine, nbytes: int, seed: int) -> tuple[Rehearsed, ...]:
    """Return about `nbytes` of text in many languages, drawn from the network's own distribution.

    The same arguments give the same texts on the same machine.
    """
    headers = [header_of(name) for name in _FILES for _ in range(_LANES_PER_FILE)]
    logits, state = _opened(engine, headers)
    draws = np.random.default_rng(seed)
    situations = np.full(len(headers), START)
    written: list[NDArray[np.intp]] = []
    for _ in range(max(1, nbytes // len(headers))):
        distributions = probabilities(logits, allowed_tokens()[situations])
        tokens = sample(distributions, [_AS_IT_IS] * len(headers), draws.random(len(headers)))
        situations = utf8_transitions()[situations, tokens]
        written.append(tokens)
        logits, state = engine.step(tokens, state)
    texts = np.stack(written, axis=1).astype(np.uint8)
    return tuple(Rehearsed(header, row.tobytes()) for header, row in zip(headers, texts, strict=True))


def _opened(engine: Engine, headers: list[bytes]) -> tuple[NDArray[np.float32], State]:
    """Return logits (B, V) and state of one lane per header, each of which has read its own."""
    known = {header: engine.prefill(header, engine.zero_state()) for header in dict.fromkeys(headers)}
    logits = np.stack([known[header][0][-1] for header in headers])
    parts = zip(*(known[header][1].arrays for header in headers), strict=True)
    return logits, State(tuple(np.concatenate(part, axis=1) for part in parts))
