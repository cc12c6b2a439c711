"""Apply random edits to a document and to an independent reference: `python -m tests.reliability.edits 1000000`.

After every edit the texts are the same, and so is what is read on both sides of a random caret, in columns of UTF-8,
UTF-16 and UTF-32 by turns.
"""

from __future__ import annotations

import random
import sys
import time
from typing import get_args

from tests.server.reference_text import ReferenceText

from foretype.model.tokens import encode
from foretype.model.window import AFTER_BYTES, Prefix
from foretype.server.document import Change, Document, Encoding, Position

_PIECES = [
    "x",
    "y ",
    "\n",
    "\r\n",
    "\r",
    "\f",
    "\v",
    "\x85",
    "\u2028",
    "ü",
    "e\u0301",
    "中",
    "😀",
    "\udc00",
    "word",
    "    ",
]
_MOST_CHARACTERS = 600
_EDITS_PER_DOCUMENT = 1000


def edit(count: int, seed: int) -> int:
    """Compare after each of `count` edits and return how many characters they put in."""
    draws = random.Random(seed)
    typed = 0
    for begun in range(0, count, _EDITS_PER_DOCUMENT):
        encoding = get_args(Encoding)[begun // _EDITS_PER_DOCUMENT % 3]
        typed += _edit_one(draws, encoding, min(_EDITS_PER_DOCUMENT, count - begun))
    return typed


def _edit_one(draws: random.Random, encoding: Encoding, count: int) -> int:
    document, reference, typed = Document("", 0, encoding), ReferenceText("", encoding), 0
    for _ in range(count):
        change = _draw(draws)
        document.apply(change)
        reference.apply(change)
        typed += len(change.text)
        assert document.text == reference.text
        assert document.length == len(reference.text)
        _look(document, reference, Position(draws.randrange(30), draws.randrange(30)))
        if len(reference.text) > _MOST_CHARACTERS:
            reference.text = reference.text[: _MOST_CHARACTERS // 6]
            document.replace(reference.text)
    return typed


def _draw(draws: random.Random) -> Change:
    start = Position(draws.randrange(20), draws.randrange(30))
    far = draws.random() < 0.2
    end = Position(max(0, start.line + draws.randrange(-1, 3)), draws.randrange(30)) if far else start
    return Change(start, end, "".join(draws.choices(_PIECES, k=draws.randrange(4))))


def _look(document: Document, reference: ReferenceText, caret: Position) -> None:
    at = reference.offset(caret)
    before, after = (_newlines(text) for text in (reference.text[:at], reference.text[at:]))
    assert document.prefix(caret) == Prefix.of(encode(before))
    assert document.suffix(caret) == after[:AFTER_BYTES]


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


if __name__ == "__main__":
    began = time.perf_counter()
    edits, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    characters = edit(edits, seed)
    seconds = time.perf_counter() - began
    sys.stdout.write(f"{edits} edits, {characters} characters typed, no difference, {seconds:.0f} s\n")
