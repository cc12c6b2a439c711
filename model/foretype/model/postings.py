"""Where each structure occurs in a text, for looking it up by hash; see native/structure.h and native/fm_index.h.

    places      (n,) uint32: of all structures one after another, each sorted by hash and place; the upper 5 bits of a
                place are the hash's bits after those that the directory takes
    directory   (m,) uint32: of all structures one after another: how many bits it takes, then 2 ^ bits + 1 indices into
                the structure's places

Of a structure that occurs more often than anybody looks, the newest places are kept. Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foretype.model.native import N_STRUCTURES, CPostings, library, pointer, shape

Words = NDArray[np.uint32]
Keys = NDArray[np.uint64]

_PLACES_PER_ENTRY = 6
"""Of the directory, on average."""
_MOST_BITS = 25


def build(text: NDArray[np.uint8]) -> dict[str, Words]:
    """Return the arrays for a text of at most 2 ^ 27 bytes."""
    count = library().ft_structure_count(pointer(text, np.uint8), len(text))
    keys, spare = np.empty(count, np.uint64), np.empty(count, np.uint64)
    made = [_postings(text, structure, keys, spare) for structure in range(N_STRUCTURES)]
    del keys, spare  # before the results are copied: as large as they are
    return {
        "places": np.concatenate([places for places, _ in made]),
        "directory": np.concatenate([directory for _, directory in made]),
    }


def _postings(text: NDArray[np.uint8], structure: int, keys: Keys, spare: Keys) -> tuple[Words, Words]:
    """Return (places, directory) of one structure; `keys` and `spare` are overwritten."""
    native = library()
    found = native.ft_structure_keys(pointer(text, np.uint8), len(text), structure, pointer(keys, np.uint64))
    # the newest places of a structure are the last
    kept = native.ft_postings_sort(pointer(keys, np.uint64), pointer(spare, np.uint64), found, shape().candidates)
    bits = min(_MOST_BITS, max(1, (kept // _PLACES_PER_ENTRY).bit_length()))
    places, directory = np.empty(kept, np.uint32), np.empty(2 + (1 << bits), np.uint32)
    directory[0] = bits
    native.ft_postings_fill(
        pointer(keys, np.uint64), kept, bits, pointer(places, np.uint32), pointer(directory[1:], np.uint32)
    )
    return places, directory


def described(places: Words, directory: Words) -> Any:
    """Return the C structures; the arrays, which `check` has passed, must outlive them."""
    made = (CPostings * N_STRUCTURES)()
    first = 0
    for number, (entry, bits, count) in enumerate(_parts(directory)):
        made[number] = CPostings(pointer(places[first:], np.uint32), pointer(directory[entry:], np.uint32), count, bits)
        first += count
    return made


def check(places: NDArray[Any], directory: NDArray[Any]) -> None:
    """Raise ValueError unless the arrays fit each other; what is inside a directory may be wrong without harm."""
    if places.dtype != np.uint32 or directory.dtype != np.uint32 or places.ndim != 1 or directory.ndim != 1:
        raise ValueError("postings are not what this version writes")
    parts = list(_parts(directory))
    entry, bits, _ = parts[-1]
    if sum(count for _, _, count in parts) != len(places) or entry + (1 << bits) + 1 != len(directory):
        raise ValueError("postings do not fit their directory")


def _parts(directory: Words) -> Iterator[tuple[int, int, int]]:
    """Yield of each structure's part of the directory its first entry, its bits and how many places it leads to."""
    start = 0
    for _ in range(N_STRUCTURES):
        bits = int(directory[start]) if start < len(directory) else 0
        end = start + 1 + (1 << bits if 0 < bits <= _MOST_BITS else len(directory))
        if end >= len(directory):
            raise ValueError("the directory of the postings is cut short")
        yield start + 1, bits, int(directory[end])
        start = end + 1
