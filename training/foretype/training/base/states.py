"""States of a network along excerpts of documents, with what is known of the text: its language, and what a place is.

The network reads under a header that hides path and language, or it would read there what it is to tell. What a place
is, Pygments says, in the same classes as the server's policy; all of a file of prose is prose. Knows nothing of how
readouts are fitted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from foretype.model.classify import HIDDEN_HEADER, STRIDE
from foretype.model.engine import Engine
from foretype.model.language import language_of
from foretype.model.readout import KINDS, Floats, features
from foretype.model.state import State
from foretype.model.tokens import NEWLINE, excerpt_header
from foretype.training.base.streams import Library

LOOKS = (200, 1000, 4000)
"""After how many bytes the mean of the states is kept."""

_SHORTEST_BYTES = LOOKS[0]
_LONG_SHARE = 0.2
"""Share of the batches whose excerpts have the longest length, the others the middle one."""
_INSIDE_SHARE = 0.5
"""Share of the excerpts that begin within a file: how files begin is often a licence and little else."""
_LANES = 48
_PLACES = 6
"""Of an excerpt, at most: neighbouring ones say nearly the same."""
_MOST_LEXED_BYTES = 60_000
_UNKNOWN = -1
_PROSE = frozenset({"asciidoc", "markdown", "mdx", "plain-text", "rst", "tex"})

Half = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Hold a stretch of a document, at most as long as the last of `LOOKS`."""

    language: str
    text: NDArray[np.uint8]
    kinds: NDArray[np.int8]
    """(T,): of each byte its place in `KINDS`, negative for blanks and where nobody knows."""
    begins: bool
    """Whether it is the document's beginning."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Hold what was seen along excerpts, a row for each look and for each place; features in half precision."""

    languages: list[str]
    looks: list[int]
    """Bytes read by then."""
    means: Half
    kinds: list[int]
    places: Half


def choose(library: Library, least: int, share: float, fewest: int, draws: np.random.Generator) -> list[int]:
    """Return documents in random order: of each language `least` and a share of the rest, none below `fewest`."""
    by_language: dict[str, list[int]] = defaultdict(list)
    for number, path in enumerate(library.paths):
        if language := language_of(path):
            by_language[language].append(number)
    chosen: list[int] = []
    for _, numbers in sorted(by_language.items()):
        if len(numbers) >= fewest:
            wanted = least + round(share * max(0, len(numbers) - least))
            chosen += [numbers[i] for i in draws.permutation(len(numbers))[:wanted]]
    return [chosen[i] for i in draws.permutation(len(chosen))]


def observe(engine: Engine, library: Library, numbers: Sequence[int], draws: np.random.Generator) -> Observed:
    """Read an excerpt of each document and return what was seen."""
    found = Observed([], [], np.empty(0, np.float16), [], np.empty(0, np.float16))
    means: list[Half] = []
    places: list[Half] = []
    for start in range(0, len(numbers), _LANES):
        length = LOOKS[-1] if draws.random() < _LONG_SHARE else LOOKS[-2]
        batch = [_excerpt(library, number, length, draws) for number in numbers[start : start + _LANES]]
        picked = [_picked(excerpt, draws) for excerpt in batch]
        for read, row, mean in _read(engine, batch, length):
            for lane, excerpt in enumerate(batch):
                if read in LOOKS and read <= len(excerpt.text):
                    found.languages.append(excerpt.language)
                    found.looks.append(read)
                    means.append(mean[lane].astype(np.float16))
                if read in picked[lane]:
                    found.kinds.append(int(excerpt.kinds[read - 1]))
                    places.append(row[lane].astype(np.float16))
    return Observed(found.languages, found.looks, np.stack(means), found.kinds, np.stack(places))


def kinds_of(path: str, text: bytes) -> NDArray[np.int8]:
    """Return of each byte (T,) its place in `KINDS`, negative for blanks and where Pygments knows no lexer."""
    found = np.full(len(text), _UNKNOWN, np.int8)
    if language_of(path) in _PROSE:
        found[:] = KINDS.index("prose")
    else:
        _lex(path, text, found)
    found[np.isin(np.frombuffer(text, np.uint8), np.frombuffer(b" \t\r\n", np.uint8))] = _UNKNOWN
    return found


def _lex(path: str, text: bytes, kinds: NDArray[np.int8]) -> None:
    from pygments.lexers import get_lexer_for_filename
    from pygments.token import Comment, Literal, is_token_subtype
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_for_filename(path.rsplit("/", 1)[-1], ensurenl=False, stripnl=False)
        decoded = text.decode()
    except (ClassNotFound, UnicodeDecodeError):
        return
    place = 0
    for token, part in lexer.get_tokens(decoded):
        kind = "comment" if is_token_subtype(token, Comment) else "code"
        kind = "string" if is_token_subtype(token, Literal.String) else kind
        length = len(part.encode())
        kinds[place : place + length] = KINDS.index(kind)
        place += length


def _excerpt(library: Library, number: int, length: int, draws: np.random.Generator) -> Excerpt:
    path, text = library.document(number)
    start = 0
    if draws.random() < _INSIDE_SHARE and len(text) > length:
        ends = np.flatnonzero(text[: len(text) - _SHORTEST_BYTES] == NEWLINE)
        start = int(draws.choice(ends)) + 1 if ends.size else 0
    stop = start + length
    kinds = kinds_of(path, text[:stop].tobytes()) if stop <= _MOST_LEXED_BYTES else np.full(stop, _UNKNOWN, np.int8)
    return Excerpt(language_of(path), text[start:stop], kinds[start:stop], start == 0)


def _picked(excerpt: Excerpt, draws: np.random.Generator) -> set[int]:
    """Return after how many bytes the state is kept for its kind."""
    ends = np.arange(STRIDE, len(excerpt.text) + 1, STRIDE)
    known = ends[excerpt.kinds[ends - 1] >= 0]
    return set(draws.permutation(known)[:_PLACES].tolist())


def _read(engine: Engine, batch: Sequence[Excerpt], length: int) -> Iterator[tuple[int, Floats, Floats]]:
    """Yield bytes read, states (lanes, features) and their mean so far, every `STRIDE` bytes."""
    tokens = np.zeros((length, len(batch)), np.uint8)
    for lane, excerpt in enumerate(batch):
        tokens[: len(excerpt.text), lane] = excerpt.text
    headers = (excerpt_header(HIDDEN_HEADER), HIDDEN_HEADER)
    opened = [engine.read(header, engine.zero_state())[1] for header in headers]
    both = State(tuple(np.concatenate(arrays, axis=1) for arrays in zip(*(one.arrays for one in opened), strict=True)))
    state = both.take([int(excerpt.begins) for excerpt in batch])
    total = np.zeros_like(features(state))
    for start in range(0, length, STRIDE):
        _, state = engine.scan(tokens[start : start + STRIDE], state)
        rows = features(state)
        total += rows
        read = start + STRIDE
        yield read, rows, (total * (STRIDE / read)).astype(np.float32)
