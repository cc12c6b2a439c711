"""What well-known predictors need for the same text, given the same project: the bar that ours has to clear.

A compressor's bits for a file are what it needs for the project and the file less what it needs for the project.
Sources: PPMd variant H (Shkarin 2002) from pyppmd, LZMA (xz) from Python's library, Shannon's Markov chains.
"""

from __future__ import annotations

import lzma
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

_PPMD_MEMORY_BYTES = 512 << 20
_XZ_DICTIONARY_BYTES = 64 << 20
_MARKOV_ORDER = 6
_MARKOV_PSEUDO_COUNT = 0.01

Bits = Callable[[bytes], float]
"""Returns the bits that a text costs once the project is known."""


def ppmd(order: int, known: bytes) -> Bits:
    """Return PPMd of an order, given `known`."""
    import pyppmd

    def size(text: bytes) -> int:
        encoder = pyppmd.Ppmd7Encoder(order, _PPMD_MEMORY_BYTES)
        return len(encoder.encode(text)) + len(encoder.flush())

    return _given(size, known)


def xz(known: bytes) -> Bits:
    """Return xz with a dictionary that holds `known`."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 6, "dict_size": _XZ_DICTIONARY_BYTES}]
    return _given(lambda text: len(lzma.compress(text, format=lzma.FORMAT_RAW, filters=filters)), known)


def markov(known: bytes, order: int = _MARKOV_ORDER) -> Bits:
    """Return a Markov chain of bytes that has counted `known`; a context it never saw says nothing."""
    counts: dict[bytes, Counter[int]] = defaultdict(Counter)
    for place in range(order, len(known)):
        counts[known[place - order : place]][known[place]] += 1

    def bits(text: bytes) -> float:
        whole = known[-order:] + text
        total = 0.0
        for place in range(len(whole) - len(text), len(whole)):
            seen = counts.get(whole[max(0, place - order) : place], Counter())
            share = (seen[whole[place]] + _MARKOV_PSEUDO_COUNT) / (seen.total() + 256 * _MARKOV_PSEUDO_COUNT)
            total -= math.log2(share)
        return total

    return bits


def all_of(texts: Sequence[bytes]) -> dict[str, Bits]:
    """Return every baseline by name, given the texts of a project."""
    known = b"".join(text + b"\0" for text in texts)
    return {"ppmd_16": ppmd(16, known), "ppmd_8": ppmd(8, known), "xz": xz(known), "markov_6": markov(known)}


def _given(size: Callable[[bytes], int], known: bytes) -> Bits:
    without = size(known)
    return lambda text: 8.0 * (size(known + text) - without)
