"""One open document as suggestions see it: the states of its network and what its memories hold.

Either may be missing: without an engine the memories speak alone, without a project the document does. Whatever
stands in the document, the answer depends on the text around the caret alone, not on how it came about.
Knows bytes, not editors or files. Not for two threads at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy

import numpy as np
from numpy.typing import NDArray

from foretype.model.calibration import Record
from foretype.model.engine import Engine
from foretype.model.mixture import Mixture
from foretype.model.predictor import Lanes, Predictor
from foretype.model.provenance import Source, source_of
from foretype.model.segment import Mask, Segment
from foretype.model.state_cache import StateCache
from foretype.model.steps import Steps
from foretype.model.tokens import encode
from foretype.model.window import MEMORY, Prefix, window


class Session:
    """Own what belongs to one document."""

    def __init__(
        self,
        engine: Engine | None,
        header: bytes,
        mixture: Mixture,
        segments: Sequence[tuple[Segment, Mask]] = (),
        others: Sequence[tuple[Segment, Mask]] = (),
    ) -> None:
        """Start with nothing read; `segments` are the project's memory, without the document's own file.

        `others` are those of the user's other projects that may help here.
        """
        self.engine = engine
        self.mixture = mixture
        self.record = Record()
        self._states = None if engine is None else StateCache(engine, header)
        self._segments = segments
        self._predictor = Predictor(mixture, segments, others)

    def remember(self, segments: Sequence[tuple[Segment, Mask]], others: Sequence[tuple[Segment, Mask]] = ()) -> None:
        """Take other memories of the project and of other projects."""
        self._segments = segments
        self._predictor = Predictor(self.mixture, segments, others)

    def open(self, prefix: Prefix, suffix: str, lanes: int) -> Continuations:
        """Return `lanes` continuations of `prefix`, all alike; what stands right of the caret is remembered as well.

        The continuations are good until the session is used again.
        """
        held = window(prefix, MEMORY)
        self._predictor.hold(held, encode(suffix))
        at_start = prefix.at_start and len(held) == len(prefix.tail)
        places = np.repeat(self._predictor.start(held, at_start=at_start), lanes, axis=0)
        if self.engine is None or self._states is None:
            return Continuations(self._predictor, places, None, None)
        reading = self._states.read(prefix)
        logits = np.repeat(reading.logits[None], lanes, axis=0)
        return Continuations(self._predictor, places, self.engine.steps(reading.state.take([0] * lanes)), logits)

    @contextmanager
    def supposing(self) -> Iterator[None]:
        """Let what is asked within the block leave the record alone: the text is only supposed to be typed."""
        kept, self.record = self.record, copy(self.record)
        try:
            yield
        finally:
            self.record = kept

    @property
    def nbytes(self) -> int:
        """Size of the cached states, in bytes."""
        return 0 if self._states is None else self._states.nbytes

    @property
    def knows_project(self) -> bool:
        """Whether there is a memory of the project."""
        return bool(self._segments)

    def source_of(self, prefix: Prefix, text: str) -> Source | None:
        """Return the place in the project that `text`, offered after `prefix`, resembles; None if it was made up."""
        return source_of(self._segments, prefix.tail, encode(text))


class Continuations:
    """Hold several ways in which a text may go on, side by side."""

    def __init__(
        self,
        predictor: Predictor,
        places: Lanes,
        steps: Steps | None,
        logits: NDArray[np.float32] | None,
    ) -> None:
        """Start from where every lane stands in the memories and, with an engine, in the network."""
        self._predictor = predictor
        self._places = places
        self._steps = steps
        self._logits = logits

    def distributions(self) -> NDArray[np.float64]:
        """Return the distribution (B, 256) of each lane's next byte."""
        return self._predictor.mix(self._places, self._logits)

    def advance(self, tokens: Sequence[int]) -> None:
        """Let each lane go on with its token."""
        self._predictor.advance(self._places, tokens)
        if self._steps is not None:
            self._logits = self._steps.advance(tokens)
