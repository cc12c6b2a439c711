"""Endless streams of the base model's text: every lane reads stretches of documents drawn at random.

A stretch begins with the document's header and a state of zero, as a session does when it opens a window anywhere in
a file, and its length varies, so that the network learns cold starts and long memory alike. Documents are drawn by
their bytes, so small files would hardly ever be seen to begin: most stretches are short ones from a file's first byte,
half of them of files whose names many packages use. What a lane reads depends on the seed, its number and how many
stretches it has read. Knows nothing of networks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from foretype.model.language import language_of
from foretype.model.tokens import NEWLINE, excerpt_header, header
from foretype.training.batches import Batch

SHORTEST_STRETCH, LONGEST_STRETCH = 1 << 11, 1 << 16
"""Bytes; lengths between are drawn so that every doubling is as likely."""

BEGINNINGS = 0.8
"""Share of the stretches that are beginnings; being short, they are about a fifth of the text."""
SHORTEST_BEGINNING, LONGEST_BEGINNING = 1 << 8, 1 << 11
_COMMON_NAMES = 0.5
"""Share of the beginnings whose file's name is common: what `package.json` holds, its name tells."""
_COMMON = 10
"""Packages that must use a name for that."""

_DROPPED_LANGUAGE, _DROPPED_PATH = 0.1, 0.1
"""How often a header hides what it knows: an editor may not know either."""


class Library:
    """Hold the documents of a folder of shards, read where they lie, and draw from them by weight."""

    def __init__(self, folder: Path, weights: dict[str, float], shortest: int) -> None:
        """Weigh each document by its bytes and its package's weight; those below `shortest` bytes are left out."""
        self._shards: list[NDArray[np.uint8]] = []
        rows: list[tuple[int, int, int]] = []
        self.paths: list[str] = []
        """Of the documents, in their order."""
        shares: list[float] = []
        users: dict[str, set[str]] = {}
        for index in sorted(folder.glob("*.jsonl")):
            self._shards.append(np.memmap(index.with_suffix(".bin"), np.uint8, "r"))
            for line in index.read_text(encoding="utf-8").splitlines():
                start, length, path, package = json.loads(line)
                if length >= shortest:
                    rows.append((len(self._shards) - 1, start, length))
                    self.paths.append(path)
                    shares.append(length * weights.get(package, 1.0))
                    users.setdefault(_name(path), set()).add(package)
        self._rows = rows
        self._cumulative = np.cumsum(shares)
        self._common = [n for n, path in enumerate(self.paths) if len(users[_name(path)]) >= _COMMON]

    @property
    def nbytes(self) -> int:
        """Bytes of all documents."""
        return sum(length for _, _, length in self._rows)

    def draw(self, draws: np.random.Generator) -> tuple[str, NDArray[np.uint8]]:
        """Return the path and text of one document."""
        number = int(np.searchsorted(self._cumulative, draws.random() * self._cumulative[-1], side="right"))
        return self.document(min(number, len(self._rows) - 1))

    def draw_for_beginning(self, draws: np.random.Generator) -> tuple[str, NDArray[np.uint8]]:
        """Return the path and text of one document, whatever its size; half of them have a name that is common."""
        if self._common and draws.random() < _COMMON_NAMES:
            return self.document(self._common[draws.integers(len(self._common))])
        return self.document(int(draws.integers(len(self._rows))))

    def document(self, number: int) -> tuple[str, NDArray[np.uint8]]:
        """Return the path and text of one document by its place in `paths`."""
        shard, start, length = self._rows[number]
        return self.paths[number], self._shards[shard][start : start + length]


@dataclass(slots=True)
class _Lane:
    stretches: int
    """Stretches begun so far."""
    offset: int
    """Tokens read of the present one."""
    tokens: NDArray[np.uint8]


class Streams:
    """Yield one batch after another."""

    def __init__(self, library: Library, batch_size: int, seq_len: int, seed: tuple[int, ...]) -> None:
        """Open `batch_size` lanes; `seed` tells them from the lanes of other processes.

        The library's documents must hold at least a chunk of `seq_len` tokens and the one after it.
        """
        self._library = library
        self._seq_len = seq_len
        self._seed = seed
        self._lanes = [_Lane(0, 0, np.empty(0, np.uint8)) for _ in range(batch_size)]

    def next(self) -> Batch:
        """Return the next chunk of every lane."""
        tokens = np.empty((len(self._lanes), self._seq_len + 1), np.uint8)
        resets = np.zeros(len(self._lanes), np.bool_)
        for number, lane in enumerate(self._lanes):
            # the line that a stretch begins with may be the last one of its text: then another is drawn
            while lane.offset + self._seq_len + 1 > len(lane.tokens):
                lane.stretches += 1
                lane.offset = 0
                lane.tokens = self._stretch(number, lane.stretches)
                resets[number] = True
            tokens[number] = lane.tokens[lane.offset : lane.offset + self._seq_len + 1]
            lane.offset += self._seq_len
        return Batch(tokens, resets)

    def _stretch(self, lane: int, number: int) -> NDArray[np.uint8]:
        draws = np.random.default_rng([*self._seed, lane, number])
        if draws.random() < BEGINNINGS:
            path, text = self._library.draw_for_beginning(draws)
            length = self._drawn_length(SHORTEST_BEGINNING, LONGEST_BEGINNING, draws)
            return _opened(path, text, 0, length, draws)
        path, text = self._library.draw(draws)
        length = self._drawn_length(SHORTEST_STRETCH, LONGEST_STRETCH, draws)
        spare = len(text) - length
        start = _line_start(text, int(draws.integers(-length // 2, spare + 1))) if spare > 0 else 0
        return _opened(path, text, start, length, draws)

    def _drawn_length(self, shortest: int, longest: int, draws: np.random.Generator) -> int:
        """Return a number of bytes, enough for a chunk; every doubling is as likely."""
        return max(int(shortest * (longest / shortest) ** draws.random()), self._seq_len + 1)


def _opened(
    path: str, text: NDArray[np.uint8], start: int, length: int, draws: np.random.Generator
) -> NDArray[np.uint8]:
    """Return a stretch of a document with the header that opens it there, some of which may be hidden."""
    language = "" if draws.random() < _DROPPED_LANGUAGE else language_of(path)
    opening = header("" if draws.random() < _DROPPED_PATH else path, language)
    opening = excerpt_header(opening) if start else opening
    return np.concatenate([np.frombuffer(opening, np.uint8), text[start : start + length]])


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _line_start(text: NDArray[np.uint8], offset: int) -> int:
    """Return where the first line at or after `offset` begins; what is before the text counts as its start."""
    if offset <= 0:
        return 0
    ends = np.flatnonzero(text[offset : offset + SHORTEST_STRETCH] == NEWLINE)
    return offset + int(ends[0]) + 1 if ends.size else offset
