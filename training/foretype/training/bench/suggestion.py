"""A whole suggestion, 48 bytes in four lanes, and what each of its parts takes; without protocol or process.

Network and memory are real ones: what the memories find decides what mixing costs. Knows nothing of servers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from foretype.model import mixture, segment
from foretype.model.decode import decode
from foretype.model.engine import Engine
from foretype.model.language import header_of
from foretype.model.sampling import Sampling, generator, restrict, sample
from foretype.model.session import Session
from foretype.model.tokens import allowed_tokens
from foretype.model.window import Prefix
from foretype.training.bench.clock import median_us, percentiles, seconds

LANES, NBYTES = 4, 48
_SUGGESTIONS = 100
_EVICTING_BYTES = 64 << 20
"""More than any processor's caches hold."""
_SAMPLINGS = [Sampling(temperature=0.0), *[Sampling()] * (LANES - 1)]


def measure(engine: Engine, files: Sequence[tuple[str, bytes]]) -> dict[str, float]:
    """Return milliseconds of whole suggestions, with warm caches and evicted ones, and microseconds by part.

    `files` are the project; the longest one is typed, and silent in the memory as an open file is.
    """
    path, text = max(files, key=lambda file: len(file[1]))
    known = segment.build(files)
    mask = known.mask([file for file in known.files if file.key == path])
    session = Session(engine, header_of(path), mixture.shipped(), [(known, mask)])
    step = max(1, len(text) // (2 * _SUGGESTIONS))
    prefixes = [Prefix.of(text[: step * number]) for number in range(1, 2 * _SUGGESTIONS + 1)]
    warm = [milliseconds(session, prefix) for prefix in prefixes[::2]]
    evicting = np.ones(_EVICTING_BYTES // 8)
    cold = [milliseconds(session, prefix, evicting) for prefix in prefixes[1::2]]
    parts = _parts(engine, session, prefixes[-1])
    rest = 1e3 * float(np.median(warm)) - sum(parts.values())
    return {**percentiles("", warm), **percentiles("evicted_", cold), **parts, "rest_us": rest}


def milliseconds(session: Session, prefix: Prefix, evicting: NDArray[np.float64] | None = None) -> float:
    """Return how long a suggestion takes whose prefix has been read; `evicting` takes the caches' place before it."""
    session.open(prefix, "", LANES)
    if evicting is not None:
        evicting += 1.0
    return 1e3 * seconds(lambda: _suggest(session, prefix))


def _suggest(session: Session, prefix: Prefix) -> None:
    continuations = session.open(prefix, "", LANES)
    decode(continuations, _SAMPLINGS, NBYTES, generator(0, prefix.tail[-64:]), lambda _: False, lines=NBYTES)


def _parts(engine: Engine, session: Session, prefix: Prefix) -> dict[str, float]:
    """Return the microseconds that one suggestion spends in each part, each timed alone."""
    tokens, draws = [65] * LANES, np.random.default_rng(0)
    steps = engine.steps(engine.zero_state(LANES))
    opening = median_us(lambda: session.open(prefix, "", LANES))
    continuations = session.open(prefix, "", LANES)
    distributions, allowed = continuations.distributions(), allowed_tokens()[[0] * LANES]
    choosing = median_us(lambda: sample(restrict(distributions, allowed), _SAMPLINGS, draws.random(LANES)))
    return {
        "open_us": opening,
        "engine_us": NBYTES * median_us(lambda: steps.advance(tokens)),
        "mixture_us": NBYTES * median_us(continuations.distributions),
        "sampling_us": NBYTES * choosing,
    }
