"""The native library: loads it once and declares what it exports. Its sources are in `model/native`.

Every call releases the interpreter's lock. Knows nothing of what the functions are for.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import POINTER, c_float, c_int, c_int32, c_size_t, c_uint32, c_void_p
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foretype.model.errors import UserError

_SUFFIXES = {"win32": ".dll", "darwin": ".dylib"}


_INTERFACE = 5
"""FT_INTERFACE of predictor.h: with another library, memory would be read where none is."""
N_STRUCTURES = 4
"""FT_STRUCTURES of structure.h, which a ctypes structure must know before the library is loaded."""


class CPostings(ctypes.Structure):
    """Mirror `ft_postings` of fm_index.h."""

    _fields_ = [("places", c_void_p), ("directory", c_void_p), ("n", c_uint32), ("bits", c_uint32)]


class CAnchors(ctypes.Structure):
    """Mirror `ft_anchors` of anchors.h."""

    _fields_ = [("head", c_void_p), ("next", c_void_p), ("bytes", c_void_p), ("starts", c_void_p)]


class CShares(ctypes.Structure):
    """Mirror `ft_shares` of predictor.h."""

    _fields_ = [("logits", c_void_p), ("squares", c_void_p)]


class CSegment(ctypes.Structure):
    """Mirror `ft_segment` of fm_index.h."""

    _fields_ = [
        ("bwt", c_void_p),
        ("super", c_void_p),
        ("block", c_void_p),
        ("rows", c_uint32),
        ("sigma", c_uint32),
        ("code", c_void_p),
        ("symbol", c_void_p),
        ("first", c_void_p),
        ("masked_rows", c_void_p),
        ("masked_codes", c_void_p),
        ("masked_counts", c_void_p),
        ("n_masked", c_uint32),
        ("text", c_void_p),
        ("postings", CPostings * N_STRUCTURES),
        ("silent_from", c_void_p),
        ("silent_to", c_void_p),
        ("n_silent", c_uint32),
    ]


@dataclass(frozen=True, slots=True)
class Shape:
    """Hold the sizes that arrays handed to the library must have."""

    buckets: int
    """Of a blend."""
    refine_buckets: int
    features: int
    hidden: int
    weights: int
    """Experts, the network among them."""
    max_segments: int
    max_others: int
    """Segments of other projects."""
    recent: int
    """Bytes of context that a lane can be started with."""
    structures: int
    candidates: int
    """Places of one structure that are looked at."""


_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "ft_shape": (None, [c_void_p]),
    "ft_segment_frequencies": (None, [c_void_p, c_uint32, c_void_p]),
    "ft_segment_transform": (None, [c_void_p, c_void_p, c_uint32, c_void_p, c_void_p]),
    "ft_segment_count": (None, [c_void_p, c_uint32, c_uint32, c_void_p, c_void_p]),
    "ft_segment_count_masked": (None, [c_void_p, c_uint32, c_uint32, c_void_p]),
    "ft_segment_rows": (c_uint32, [POINTER(CSegment), c_uint32, c_uint32, c_void_p]),
    "ft_segment_find": (c_uint32, [POINTER(CSegment), c_void_p, c_uint32, c_void_p]),
    "ft_structure_count": (c_uint32, [c_void_p, c_uint32]),
    "ft_structure_keys": (c_uint32, [c_void_p, c_uint32, c_int, c_void_p]),
    "ft_structures": (None, [c_void_p, c_int, c_void_p]),
    "ft_postings_sort": (c_uint32, [c_void_p, c_void_p, c_uint32, c_uint32]),
    "ft_postings_fill": (None, [c_void_p, c_uint32, c_uint32, c_void_p, c_void_p]),
    "ft_anchors_find": (c_uint32, [POINTER(CAnchors), c_void_p, c_uint32, c_void_p, c_uint32, c_void_p, c_void_p]),
    "ft_predictor_new": (c_void_p, [c_void_p, c_void_p, c_void_p, c_void_p]),
    "ft_predictor_free": (None, [c_void_p]),
    "ft_predictor_add": (c_int, [c_void_p, POINTER(CSegment)]),
    "ft_predictor_add_other": (c_int, [c_void_p, POINTER(CSegment)]),
    "ft_predictor_document": (c_int, [c_void_p, c_void_p, c_int32, c_void_p, c_int32, c_int32]),
    "ft_lane_size": (c_size_t, []),
    "ft_predictor_start": (None, [c_void_p, c_void_p, c_void_p, c_int32]),
    "ft_predictor_advance": (None, [c_void_p, c_void_p, c_void_p, c_int32]),
    "ft_predictor_mix": (None, [c_void_p, c_void_p, c_int32, c_void_p, c_void_p]),
    "ft_predictor_read": (c_int, [c_void_p, c_void_p, c_void_p, c_int32, c_void_p, c_void_p, c_void_p, c_void_p]),
    "ft_predictor_teach": (c_int, [c_void_p, c_void_p, c_void_p, c_int32, *[POINTER(CShares)] * 3, c_float]),
}


@cache
def library() -> Any:
    """Return the library, its functions typed; one that is missing or of another version raises UserError."""
    path = Path(__file__).with_name(f"_native{_SUFFIXES.get(sys.platform, '.so')}")
    try:
        loaded = ctypes.CDLL(str(path))
    except OSError as error:
        raise UserError(f"{path.name} cannot be loaded ({error}); install the package again") from error
    found = loaded.ft_interface() if hasattr(loaded, "ft_interface") else "none"
    if found != _INTERFACE:
        raise UserError(
            f"{path.name} is of another version ({found}, expected {_INTERFACE}); install the package again"
        )
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
    return loaded


@cache
def shape() -> Shape:
    """Return the sizes that the library was compiled with."""
    values = np.zeros(len(fields(Shape)), np.int32)
    library().ft_shape(pointer(values, np.int32))
    found = Shape(*(int(value) for value in values))
    assert found.structures == N_STRUCTURES, "native.py and structure.h disagree"
    return found


def pointer(array: NDArray[Any] | None, dtype: type[np.generic]) -> int | None:
    """Return where an array's data lie, which the caller must keep alive; one of another layout is refused."""
    if array is None:
        return None
    assert array.dtype == dtype, f"expected {dtype.__name__}, got {array.dtype}"
    assert array.flags.c_contiguous, "the library reads contiguous arrays"
    return int(array.ctypes.data)


def as_bytes(data: bytes) -> NDArray[np.uint8]:
    """Return bytes as an array that shares their memory."""
    return np.frombuffer(data, np.uint8)
