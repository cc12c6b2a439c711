"""How well a reader finishes lines by itself: exact matches, edit similarity, and keys saved by a greedy suggestion.

The cut points are drawn within lines; what follows is generated greedily to the end of the line. Source of the two
measures: CodeXGLUE, line-level code completion (Lu et al. 2021), whose edit similarity is the ratio of matching blocks.
Knows nothing of what kind of reader it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np

from foretype.training.batches import Text
from foretype.training.readers import Reader
from foretype.training.typing_simulator import Tally, type_out

_NEWLINE = 0x0A
_LONGEST_LINE = 100
_SHORTEST_REST = 3
_CONTEXT_BYTES = 2048
_GREEDY_BYTES = 24
_LEAST_CERTAINTY = 0.5
"""A greedy suggestion ends where the text so far is less likely than not."""

Open = Callable[[bytes], Reader]
"""Returns a reader that has read a header and nothing else."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Hold a place within a line: what stands before it, and how its line goes on."""

    header: bytes
    before: bytes
    rest: bytes


@dataclass(frozen=True, slots=True)
class LineScores:
    """Hold shares between 0 and 1 over all cuts."""

    exact_match: float
    edit_similarity: float


def cuts(files: Sequence[Text], count: int, seed: int) -> list[Cut]:
    """Return places in lines of the files, drawn so that every line that is long enough is as likely."""
    places = [
        (number, start, end)
        for number, file in enumerate(files)
        for start, end in _lines(file.text)
        if end - start - _indentation(file.text[start:end]) > _SHORTEST_REST + 1
    ]
    if not places:
        return []
    draws = np.random.default_rng(seed)
    found = []
    for index in draws.choice(len(places), size=min(count, len(places)), replace=False):
        number, start, end = places[int(index)]
        file = files[number]
        first = start + _indentation(file.text[start:end]) + 1
        cut = int(draws.integers(first, end - _SHORTEST_REST + 1))
        found.append(Cut(file.header, file.text[max(0, cut - _CONTEXT_BYTES) : cut], file.text[cut:end]))
    return found


def finish_lines(open_reader: Open, places: Sequence[Cut]) -> LineScores:
    """Let a reader finish the lines."""
    exact = similarity = 0.0
    for cut in places:
        reader = open_reader(cut.header)
        reader.read(cut.before)
        written = finish_line(reader)
        exact += written.strip() == cut.rest.strip()
        similarity += _similarity(written, cut.rest)
    count = max(1, len(places))
    return LineScores(exact / count, similarity / count)


def finish_line(reader: Reader, barred: bytes = b"") -> bytes:
    """Return the likeliest rest of the line, byte by byte, which the reader reads; `barred` are not its first byte."""
    written = bytearray()
    while len(written) < _LONGEST_LINE:
        distribution = reader.distribution().copy()
        if not written:
            distribution[list(barred)] = 0.0
        token = int(distribution.argmax())
        if token == _NEWLINE:
            break
        written.append(token)
        reader.read(bytes([token]))
    return bytes(written)


class GreedyEditor:
    """Suggest the likeliest text for as long as it is more likely than not, for the typing simulator."""

    def __init__(self, reader: Reader) -> None:
        """Start with an empty document."""
        self._reader = reader

    def insert(self, text: str) -> None:
        """Put `text` at the caret."""
        self._reader.read(text.encode())

    def ask(self) -> str:
        """Return what is suggested at the caret."""
        ahead, certainty, written = self._reader.copy(), 1.0, bytearray()
        while len(written) < _GREEDY_BYTES:
            distribution = ahead.distribution()
            token = int(distribution.argmax())
            certainty *= float(distribution[token])
            if token == _NEWLINE or certainty < _LEAST_CERTAINTY:
                break
            written.append(token)
            ahead.read(bytes([token]))
        return written.decode("utf-8", "ignore")


def type_greedily(open_reader: Open, files: Sequence[Text], characters: int) -> Tally:
    """Type the beginnings of all files, `characters` in all, with greedy suggestions."""
    total = Tally()
    share = max(1, characters // len(files))
    for file in files:
        text = file.text.decode("utf-8", "ignore")[:share]
        total.add(type_out(GreedyEditor(open_reader(file.header)), text))
    return total


def _similarity(one: bytes, other: bytes) -> float:
    return SequenceMatcher(None, one.decode("utf-8", "replace"), other.decode("utf-8", "replace")).ratio()


def _lines(text: bytes) -> list[tuple[int, int]]:
    """Return where each line begins and ends, its line end not counted."""
    found, start = [], 0
    for line in text.split(b"\n"):
        found.append((start, start + len(line)))
        start += len(line) + 1
    return found


def _indentation(line: bytes) -> int:
    return len(line) - len(line.lstrip())
