"""Recognise texts that were seen before, to the letter or nearly so.

Exact ones by a digest of their visible characters, near ones by MinHash over runs of words.
Source: Broder 1997 ("On the resemblance and containment of documents"); the sketches are the library rensa's.
"""

from __future__ import annotations

import re
from hashlib import blake2b

from rensa import RMinHash, RMinHashDeduplicator

_THRESHOLD = 0.8
"""Share of word runs in common (Jaccard) from which two texts count as one (Allamanis 2019 takes 0.8)."""
_RUN_WORDS = 5
_PERMUTATIONS = 128
_BANDS = 16
_SEED = 42

_WORD = re.compile(r"\w+")
"""Of characters, not of bytes: those of most scripts are no letters of ASCII."""


class Seen:
    """Remember the texts it was shown."""

    def __init__(self) -> None:
        """Start with none."""
        self._digests: set[bytes] = set()
        self._near = RMinHashDeduplicator(
            threshold=_THRESHOLD, num_perm=_PERMUTATIONS, use_lsh=True, num_bands=_BANDS, seed=_SEED
        )

    def add(self, text: bytes) -> str | None:
        """Remember `text`; return what it repeats: "duplicate" or "near duplicate", or None if it is new."""
        digest = blake2b(text.translate(None, b" \t\r\n"), digest_size=16).digest()
        if digest in self._digests:
            return "duplicate"
        self._digests.add(digest)
        sketch = RMinHash(num_perm=_PERMUTATIONS, seed=_SEED)
        sketch.update(_runs(text))
        return None if self._near.add(digest.hex(), sketch) else "near duplicate"


def _runs(text: bytes) -> list[bytes]:
    words = [word.encode() for word in _WORD.findall(text.decode("utf-8", "ignore"))]
    if len(words) <= _RUN_WORDS:
        return [b" ".join(words) or text]
    return [b" ".join(words[start : start + _RUN_WORDS]) for start in range(len(words) - _RUN_WORDS + 1)]
