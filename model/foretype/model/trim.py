"""What of a continuation must not be offered: what goes round in circles, and what stands right of the caret already.

Knows text alone, not models or probabilities.
"""

from __future__ import annotations

import re

_LOOP = re.compile(r"(.{4,1000}?)\1\1", re.DOTALL)
"""Three times over, a passage is a loop and not a list; shorter ones are what tables and rulers are made of.

Longer ones would cost a long text time that grows with its square.
"""

_OPENING = {")": "(", "]": "[", "}": "{"}
_QUOTES = "\"'`"


def usable(text: str, suffix: str) -> str:
    """Return the beginning of `text` that may be offered left of `suffix`, the rest of the caret's line."""
    text = text[: before_loop(text)]
    right = suffix.strip()
    if not right:
        return text
    if right[0] in _OPENING or (right[0] in _QUOTES and right.count(right[0]) % 2):
        return text[: _before_closing(text, right[0])]
    return _without_repetition(text, right)


def block(text: str, before: str, below: str) -> str:
    """Return the lines of `text` that belong to the block in which it starts, and do not stand below it already.

    `before` is the caret's line up to the caret, `below` what stands under that line.
    """
    known = next((line.strip() for line in below.split("\n") if line.strip()), None)
    first, *lines = text.split("\n")
    kept, least = [first], _indentation(before + first)
    for line in lines:
        if line.strip() and (_indentation(line) < least or line.strip() == known):
            break
        kept.append(line)
    return "\n".join(kept).rstrip() if len(kept) > 1 else first


def before_loop(text: str) -> int:
    """Return where `text` has said for the first time what it then repeats at least twice more, else its length.

    Greedy choice cycles, "the company of the company of" (Holtzman et al. 2020, "The Curious Case of Neural Text
    Degeneration", section 3).
    """
    for loop in _LOOP.finditer(text):
        if any(map(str.isalnum, loop[1])):
            return loop.end(1)
    return len(text)


def _before_closing(text: str, closer: str) -> int:
    """Return where `text` closes what was opened left of it and `closer`, right of the caret, closes already."""
    opener = _OPENING.get(closer)
    depth, escaped = 0, False
    for index, character in enumerate(text):
        if character == opener:
            depth += 1
        elif character == closer and not escaped:
            if depth == 0:
                return index
            depth -= 1
        escaped = character == "\\" and not escaped
    return len(text)


def _without_repetition(text: str, right: str) -> str:
    """Return `text` without an end that repeats the start of what stands right of the caret."""
    for length in range(min(len(text), len(right)), 0, -1):
        if text.endswith(right[:length]) and not _is_inside_word(text, len(text) - length):
            return text[: len(text) - length]
    return text


def _is_inside_word(text: str, place: int) -> bool:
    """Tell whether a word goes on at `place`: to end with the letter that begins the next one is no repetition."""
    return place > 0 and all(character.isalnum() or character == "_" for character in text[place - 1 : place + 1])


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
