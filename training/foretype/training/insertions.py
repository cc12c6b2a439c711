"""What a commit added, as somebody would type it: at a place in a document, between what was there before and after.

Of lines that took the place of others only what differs counts, and what stands below is as it was before the commit.
Knows nothing of models.
"""

from __future__ import annotations

import codecs
import io
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from foretype.training import handwritten
from foretype.training.git import Change, Commit, Hunk, Repository, is_within

LEAST_CHARACTERS = 8
"""Less than this is a repair, hardly a text that is typed."""
_MOST_BYTES = 400_000
_INDENTATION = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Insertion:
    """Hold a text, what stood left of the caret when its first character was typed, and what stood right of it."""

    before: str
    text: str
    after: str


@dataclass(frozen=True, slots=True)
class Edited:
    """Hold what was added to one file."""

    path: str
    path_before: str
    insertions: tuple[Insertion, ...]


def of_commit(repository: Repository, commit: Commit, folder: str, characters: int, seed: int) -> list[Edited]:
    """Return what a commit added by hand below `folder`, at most so many characters, chosen at random.

    `folder` is empty or ends with a slash.
    """
    found = []
    for change in repository.changes(commit.parent, commit.name, moves=True):
        if change.path.startswith(folder) and is_within(change.path) and change.after is not None:
            found += [(change, insertion) for insertion in _of_change(repository, change)]
    draws = random.Random(f"{seed} {commit.name}")  # noqa: S311  # nothing is kept secret by it
    draws.shuffle(found)
    chosen: dict[Change, list[Insertion]] = {}
    for change, insertion in found:
        piece = _piece(insertion, characters, draws)
        if piece is None:
            continue
        chosen.setdefault(change, []).append(piece)
        characters -= len(piece.text)
    return [
        Edited(change.path, change.path_before, tuple(sorted(pieces, key=lambda piece: len(piece.before))))
        for change, pieces in chosen.items()
    ]


def between(old: bytes, new: bytes, hunks: list[Hunk]) -> Iterator[Insertion]:
    r"""Yield what was typed to make `new` of `old`, from above; both are UTF-8 with any line ends."""
    old_lines, new_lines = _split(old), _split(new)
    for hunk in hunks:
        gone = _joined(old_lines, hunk.old)
        text = _joined(new_lines, hunk.new)
        before = _joined(new_lines, range(hunk.new.start))
        after = _joined(old_lines, range(hunk.old.stop, len(old_lines)))
        found = _trimmed(before, gone, text, after)
        if len("".join(found.text.split())) >= LEAST_CHARACTERS:
            yield found


def _of_change(repository: Repository, change: Change) -> list[Insertion]:
    assert change.after is not None
    if change.before == change.after or handwritten.refusal_of_path(change.path):
        return []
    new = repository.blob(change.after, _MOST_BYTES)
    old = b"" if change.before is None else repository.blob(change.before, _MOST_BYTES)
    if new is None or old is None or not _is_by_hand(new) or not _is_text(old):
        return []
    if change.before is None:
        return list(between(b"", new, [Hunk(range(0), range(len(_split(new))))]))
    return list(between(old, new, repository.hunks(change.before, change.after)))


def _is_by_hand(content: bytes) -> bool:
    padded = content + b"\n" * handwritten.MIN_BYTES  # that a file is small says nothing against it here
    return _is_text(content) and handwritten.refusal_of_content(padded) is None


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _split(content: bytes) -> list[bytes]:
    """Return lines with their ends as git counts them."""
    return io.BytesIO(content.removeprefix(codecs.BOM_UTF8)).readlines()


def _joined(lines: list[bytes], rows: range) -> str:
    text = b"".join(lines[rows.start : rows.stop]).decode("utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _trimmed(before: str, gone: str, text: str, after: str) -> Insertion:
    """Leave to both sides what of the new lines was there already, the last line's end, and the first's indentation."""
    same = _alike(gone, text)
    before, gone, text = before + text[:same], gone[same:], text[same:]
    same = _alike(gone[::-1], text[::-1])
    if same:
        after, text = text[-same:] + after, text[:-same]
    if text.endswith("\n"):
        after, text = "\n" + after, text[:-1]
    if not before or before.endswith("\n"):
        indentation = _INDENTATION.match(text)
        assert indentation is not None
        before, text = before + indentation[0], text[indentation.end() :]
    return Insertion(before, text, after)


def _alike(one: str, other: str) -> int:
    """Return how many first characters are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _piece(insertion: Insertion, characters: int, draws: random.Random) -> Insertion | None:
    """Return as much of an insertion as there is room for, from the beginning of one of its lines."""
    text = insertion.text
    if len(text) > characters:
        starts = [0, *(end.end() for end in re.finditer(r"\n[ \t]*", text))]
        start = draws.choice([start for start in starts if start <= len(text) - characters])
        insertion = Insertion(insertion.before + text[:start], text[start : start + characters], insertion.after)
    return insertion if len(insertion.text) >= LEAST_CHARACTERS else None
