"""The distribution of the next byte: the network's, mixed with what project and document remember.

Owns the document's memory and the lanes' places in all memories; the work is done by `native/predictor.c`. Every
distribution is over all 256 bytes and sums to one. Knows nothing of where the network's logits come from.
Not for two threads at once.
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foretype.model.mixture import Mixture
from foretype.model.native import CShares, as_bytes, library, pointer, shape
from foretype.model.segment import SEPARATOR, Mask, Segment

Floats = NDArray[np.float32]

Lanes = NDArray[np.uint8]
"""(B, bytes of a lane): a copy is a branch."""

_DOCUMENT_REACH = 1 << 15
"""How far from the caret the document answers, in bytes; at most what `window.MEMORY` holds for certain."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hold what was seen while a text was read, for whoever learns the mixture from it."""

    features: Floats
    """(T, features): what the gate was told."""
    logs: Floats
    """(T, experts, 256): natural logarithms of each expert's distribution, the network's last."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Hold the shares of the levels of one blend while they are learnt: logits and sums of squared gradients."""

    logits: Floats
    squares: Floats

    def described(self) -> CShares:
        """Return the C structure; the arrays must outlive it."""
        return CShares(pointer(self.logits, np.float32), pointer(self.squares, np.float32))


class Predictor:
    """Predict with one document, the segments of its project and those of others."""

    def __init__(
        self,
        mixture: Mixture,
        segments: Sequence[tuple[Segment, Mask]] = (),
        others: Sequence[tuple[Segment, Mask]] = (),
    ) -> None:
        """Start with an empty document; segments beyond what the library takes, the first of each, are left out.

        `others` are of other projects, a scope of its own: what is counted there is never added to `segments`' counts.
        """
        native = library()
        constants = (mixture.project_lambdas, mixture.document_lambdas, mixture.structure_lambdas, mixture.gate)
        handle = native.ft_predictor_new(*(pointer(part, np.float32) for part in constants))  # which copies them
        if not handle:
            raise MemoryError("no memory for a document")
        self._handle = ctypes.c_void_p(handle)
        self._segments = tuple(segments)[-shape().max_segments :]
        self._others = tuple(others)[-shape().max_others :]
        for segment, mask in self._segments:
            native.ft_predictor_add(self._handle, ctypes.byref(segment.described(mask)))
        for segment, mask in self._others:
            native.ft_predictor_add_other(self._handle, ctypes.byref(segment.described(mask)))
        weakref.finalize(self, native.ft_predictor_free, self._handle)

    def hold(self, before: bytes, after: bytes = b"") -> None:
        """Let the document hold this text left and right of the caret; costs what differs from what it holds."""
        left, right = as_bytes(before), as_bytes(after)
        status = library().ft_predictor_document(
            self._handle,
            pointer(left, np.uint8),
            len(left),
            pointer(right, np.uint8),
            len(right),
            _DOCUMENT_REACH,
        )
        _expect_memory(status)

    def start(self, before: bytes, *, at_start: bool) -> Lanes:
        """Return one lane that has read the last bytes of `before`, which begins the document if `at_start`."""
        whole = bytes([SEPARATOR]) + before if at_start else before
        context = as_bytes(whole[-shape().recent :])
        lane = np.empty((1, _lane_size()), np.uint8)
        library().ft_predictor_start(self._handle, pointer(lane, np.uint8), pointer(context, np.uint8), len(context))
        return lane

    def advance(self, lanes: Lanes, tokens: Sequence[int]) -> None:
        """Let each lane read its token."""
        read = np.asarray(tokens, np.uint8)
        assert len(read) == len(lanes)
        library().ft_predictor_advance(self._handle, pointer(lanes, np.uint8), pointer(read, np.uint8), len(lanes))

    def mix(self, lanes: Lanes, logits: Floats | None) -> NDArray[np.float64]:
        """Return the distribution (B, 256) of each lane's next byte; `logits` (B, 256) is None without a network."""
        p = np.empty((len(lanes), 256), np.float32)
        library().ft_predictor_mix(
            self._handle, pointer(lanes, np.uint8), len(lanes), _pointer_to(logits, len(lanes)), pointer(p, np.float32)
        )
        return p.astype(np.float64)

    def read(self, lane: Lanes, text: bytes, logits: Floats | None) -> Floats:
        """Let the document and `lane` read `text`; return the distribution (T, 256) of each byte before it was read.

        `logits` (T, 256) are the network's for the same bytes.
        """
        p = np.empty((len(text), 256), np.float32)
        self._read(lane, text, logits, p, None, None)
        return p

    def observe(self, lane: Lanes, text: bytes, logits: Floats | None) -> Evidence:
        """Read as `read` does and return what the mixture saw."""
        sizes = shape()
        features = np.empty((len(text), sizes.features), np.float32)
        logs = np.empty((len(text), sizes.weights, 256), np.float32)
        self._read(lane, text, logits, None, features, logs)
        return Evidence(features, logs)

    def teach(self, lane: Lanes, text: bytes, shares: Sequence[Shares], rate: float) -> None:
        """Read `text` and let project's, document's and structures' shares learn from each byte, in place."""
        bare = as_bytes(text)
        status = library().ft_predictor_teach(
            self._handle,
            pointer(lane, np.uint8),
            pointer(bare, np.uint8),
            len(bare),
            *(ctypes.byref(one.described()) for one in shares),
            rate,
        )
        _expect_memory(status)

    def _read(self, lane: Lanes, text: bytes, logits: Floats | None, *into: Any) -> None:
        assert len(lane) == 1
        bare = as_bytes(text)
        status = library().ft_predictor_read(
            self._handle,
            pointer(lane, np.uint8),
            pointer(bare, np.uint8),
            len(bare),
            _pointer_to(logits, len(bare)),
            *(pointer(array, np.float32) for array in into),
        )
        _expect_memory(status)


def _expect_memory(status: int) -> None:
    if status != 0:
        raise MemoryError("no memory for a document")


def _lane_size() -> int:
    return int(library().ft_lane_size())


def _pointer_to(logits: Floats | None, rows: int) -> int | None:
    assert logits is None or logits.shape == (rows, 256)
    return pointer(logits, np.float32)
