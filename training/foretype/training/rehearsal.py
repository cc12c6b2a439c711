"""Text that a network writes by itself, to be learnt again beside new text, so that what it knew is not forgotten.

Nothing that the network learnt from has to be kept or shipped for it. Source: pseudo-rehearsal, Robins 1995
("Catastrophic Forgetting, Rehearsal and Pseudorehearsal"), with the network's own samples in place of random inputs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from foretype.model.engine import Engine
from foretype.model.language import header_of
from foretype.model.sampling import Sampling, probabilities, sample
from foretype.model.state import State
from foretype.model.tokens import START
from foretype.training.batches import PlainText

REHEARSAL_BYTES = 256_000
"""A few seconds' writing; more of it teaches little in the minutes that a run takes."""

_FILES = (
    "main.py", "index.js", "index.ts", "main.c", "main.cpp", "main.go", "lib.rs", "Main.java", "main.rb", "run.sh",
    "index.html", "style.css", "schema.sql", "config.yaml", "package.json", "config.toml", "README.md", "notes.txt",
)  # fmt: skip
"""Names of files, one for each language that a base is expected to know."""
_LANES_PER_FILE = 4
_AS_IT_IS = Sampling(temperature=1.0, min_p=0.0)


def rehearse(engine: Engine, nbytes: int, seed: int) -> tuple[PlainText, ...]:
    """Return about `nbytes` of text in many languages, drawn from the network's own distribution.

    The same arguments give the same texts on the same machine.
    """
    headers = [header_of(name) for name in _FILES for _ in range(_LANES_PER_FILE)]
    vocabulary = engine.vocabulary
    logits, state = _opened(engine, headers)
    draws = np.random.default_rng(seed)
    situations = np.full(len(headers), START)
    texts, wanted = [b""] * len(headers), max(1, nbytes // len(headers)) * len(headers)
    while sum(map(len, texts)) < wanted:
        distributions = probabilities(logits, vocabulary.allowed(situations))
        tokens = sample(distributions, [_AS_IT_IS] * len(headers), draws.random(len(headers)))
        situations = vocabulary.after(situations, tokens)
        texts = [text + vocabulary.decode([token]) for text, token in zip(texts, tokens, strict=True)]
        scanned, state = engine.scan(tokens[None], state)
        logits = scanned[0]
    return tuple(PlainText(header, text) for header, text in zip(headers, texts, strict=True))


def _opened(engine: Engine, headers: list[bytes]) -> tuple[NDArray[np.float32], State]:
    """Return logits (B, V) and state of one lane per header, each of which has read its own."""
    encoded = {header: engine.vocabulary.encode(header)[:, None] for header in headers}
    known = {header: engine.scan(tokens, State.zero(engine.config)) for header, tokens in encoded.items()}
    logits = np.stack([known[header][0][-1, 0] for header in headers])
    parts = zip(*(known[header][1].arrays for header in headers), strict=True)
    return logits, State(tuple(np.concatenate(part, axis=1) for part in parts))
