"""What of a continuation must not be offered: what goes round in circles, and what stands around the caret already.

Knows text alone, not models or probabilities.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

_LOOP = re.compile(r"(.{4,1000}?)\1\1", re.DOTALL)
"""Three times over, a passage is a loop and not a list; shorter ones are what tables and rulers are made of.

Longer ones would cost a long text time that grows with its square.
"""

_OPENING = {")": "(", "]": "[", "}": "{"}
_CLOSING = {opener: closer for closer, opener in _OPENING.items()}
_QUOTES = {quote: re.compile(rf"(?<!\\)(?:(?<!\w){quote}|{quote}(?!\w))") for quote in "\"'`"}
"""Where a string may begin or end: not at an apostrophe within a word, nor at what a backslash escapes."""
_FIRST_WORD = re.compile(r"\W*\w+")
_FIRST_LINE = re.compile(r"^.*\S.*", re.MULTILINE)
_NEAR = 256
"""How much of a line is read on either side of the caret, in characters: for each place where a text may be cut."""
_ENDINGS = " \t;,.)]}>\"'`"
"""What one line may have at its end and another lack, and yet both say the same."""


@dataclass(frozen=True, slots=True)
class Place:
    """Hold the text around a caret, which limits what may be put there."""

    before: str
    """The caret's line up to the caret."""
    right: str = ""
    """The rest of that line."""
    above: str = ""
    """The nearest line above it that is not blank."""
    below: str = ""
    """The nearest line below it that is not blank."""

    def usable(self, text: str) -> str:
        """Return the beginning of a continuation that may be offered."""
        if text[:1].isspace() and self.right.strip() and not self.before.strip():
            return ""  # the text of the caret's line has its indentation
        return usable(block(text, self.before, self.below), self.right, self.before)

    def may_end(self, text: str) -> bool:
        """Tell whether a usable text may be offered as it is, and not only a shorter or a longer one."""
        right = self.right.strip()
        if right and right[0] not in _OPENING and usable(text, right, self.before) != text:
            return False
        first, *further = (self.before + text + self.right).split("\n")
        if further and further[-1].strip() and self.below.strip().startswith(further[-1].strip()):
            return False
        # where lines are alike, as in lists and tables, one more of them is to be expected
        return not _says_the_same(first, self.below) or _says_the_same(self.above, self.below)


def usable(text: str, right: str, before: str = "") -> str:
    """Return the beginning of `text` that may be offered between these parts of the caret's line."""
    text = text[: before_loop(text)]
    before, right = before[-_NEAR:], right.strip()[:_NEAR]
    if not right:
        return text
    quotes = _open_quotes(before, right)
    text = text[: min(_before_closing(text, before, right, quotes), _before_first_word(text, right))]
    return text if right[0] in _OPENING or right[0] in quotes else _without_repetition(text, right)


def block(text: str, before: str, below: str) -> str:
    """Return the lines of `text` that belong to the block in which it starts, and do not stand below it already.

    Where what stands below is indented deeper, the line that `text` ends has its body. `before` is the caret's line up
    to the caret, `below` what stands under that line.
    """
    known = first_line(below)
    first, *lines = text.split("\n")
    kept, least = [first], _indentation(before + first)
    has_body = _indentation(known) > least
    for line in lines:
        depth = _indentation(line)
        if line.strip() and (depth < least or (has_body and depth > least) or line.strip() == known.strip()):
            break
        kept.append(line)
    return "\n".join(kept).rstrip() if len(kept) > 1 else first


def first_line(text: str) -> str:
    """Return the first line that is not blank."""
    found = _FIRST_LINE.search(text)
    return found[0] if found else ""


def before_loop(text: str) -> int:
    """Return where `text` has said for the first time what it then repeats at least twice more, else its length.

    Greedy choice cycles, "the company of the company of" (Holtzman et al. 2020, "The Curious Case of Neural Text
    Degeneration", section 3).
    """
    for loop in _LOOP.finditer(text):
        if any(map(str.isalnum, loop[1])):
            return loop.end(1)
    return len(text)


def _before_closing(text: str, before: str, right: str, quotes: str) -> int:
    """Return where `text` closes a bracket, or a string in `quotes`, that `right` closes already."""
    left, closed = _unmatched(before), _unmatched(right)
    free = {closer: max(0, left[_OPENING[closer]] - closed[closer]) for closer in _OPENING if closed[closer]}
    escaped = False
    for index, character in enumerate(text):
        if not escaped:
            if character in quotes:
                return index
            if character in free:
                if free[character] == 0:
                    return index
                free[character] -= 1
            elif _CLOSING.get(character) in free:
                free[_CLOSING[character]] += 1
        escaped = character == "\\" and not escaped
    return len(text)


def _unmatched(text: str) -> Counter[str]:
    """Count the brackets that are opened or closed in `text` and have no counterpart there."""
    found: Counter[str] = Counter()
    for character in text:
        opener = _OPENING.get(character, "")
        if found[opener] > 0:
            found[opener] -= 1
        elif opener or character in _CLOSING:
            found[character] += 1
    return found


def _open_quotes(before: str, right: str) -> str:
    """Return the quotes whose string the caret stands in, so far as its line tells."""
    return "".join(
        quote
        for quote, pattern in _QUOTES.items()
        if (right[0] == quote and right.count(quote) % 2)
        or (len(pattern.findall(before)) % 2 and len(pattern.findall(right)) % 2)
    )


def _before_first_word(text: str, right: str) -> int:
    """Return where `text` comes to what `right` begins with, down to its first word."""
    beginning = _FIRST_WORD.match(right)
    if beginning is None:
        return len(text)
    place = text.find(beginning[0])
    while place >= 0 and any(_is_inside_word(text, end) for end in (place, place + len(beginning[0]))):
        place = text.find(beginning[0], place + 1)
    return len(text) if place < 0 else place


def _without_repetition(text: str, right: str) -> str:
    """Return `text` without an end that repeats the start of what stands right of the caret."""
    for length in range(min(len(text), len(right)), 0, -1):
        if text.endswith(right[:length]) and not _is_inside_word(text, len(text) - length):
            return text[: len(text) - length]
    return text


def _is_inside_word(text: str, place: int) -> bool:
    """Tell whether a word goes on at `place`: to end with the letter that begins the next one is no repetition."""
    return 0 < place < len(text) and all(map(_is_word, text[place - 1 : place + 1]))


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _says_the_same(line: str, neighbour: str) -> bool:
    """Tell whether two lines are alike but for what ends them; what holds no word says nothing."""
    said = line.rstrip(_ENDINGS)
    return any(map(_is_word, said)) and said == neighbour.rstrip(_ENDINGS)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
