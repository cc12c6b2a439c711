"""One line of git's ignore files: which paths it means.

Git compares bytes, and only what lies in a folder that it has not left out; so a rule need not speak of what lies below
the path that it means. Source: git's documentation of `gitignore`; its `wildmatch.c` where that says less.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

_WILD = re.compile(rb"[*?\[\\]")
_STAR, _FOLDERS, _REST = b"*", b"**/", b"**"
"""Any name or part of one; any folders or none; whatever is left."""

_CLASSES: dict[bytes, Callable[[int], bool]] = {
    b"alnum": lambda byte: bytes([byte]).isalnum(),
    b"alpha": lambda byte: bytes([byte]).isalpha(),
    b"blank": lambda byte: byte in b" \t",
    b"cntrl": lambda byte: byte < 0x20 or byte == 0x7F,
    b"digit": lambda byte: byte in string.digits.encode(),
    b"graph": lambda byte: 0x20 < byte < 0x7F,
    b"lower": lambda byte: bytes([byte]).islower(),
    b"print": lambda byte: 0x20 <= byte < 0x7F,
    b"punct": lambda byte: byte in string.punctuation.encode(),
    b"space": lambda byte: bytes([byte]).isspace(),
    b"upper": lambda byte: bytes([byte]).isupper(),
    b"xdigit": lambda byte: byte in string.hexdigits.encode(),
}


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """Say which paths a line means, and whether they are excluded or, after all, not."""

    excludes: bool
    only_folders: bool
    only_name: bool
    """Whether it is the last part of a path alone that is compared."""
    expression: re.Pattern[bytes]

    def means(self, path: bytes, *, is_folder: bool) -> bool:
        """Tell whether the rule is about a path, relative to the folder that the rule stands in."""
        if self.only_folders and not is_folder:
            return False
        compared = path.rpartition(b"/")[2] if self.only_name else path
        return self.expression.fullmatch(compared) is not None


def rules_of(content: bytes) -> Iterator[IgnoreRule]:
    """Yield the rules in an ignore file, in order; a line that can mean nothing is passed over, as git does."""
    for line in content.split(b"\n"):
        pattern = _without_blanks(line.removesuffix(b"\r"))
        if pattern.startswith(b"#"):
            continue
        excludes = not pattern.startswith(b"!")
        pattern = pattern if excludes else pattern[1:]
        only_folders = pattern.endswith(b"/")
        pattern = pattern.removesuffix(b"/")
        only_name = b"/" not in pattern
        try:
            tokens = [*_tokens(pattern.removeprefix(b"/"), is_path=not only_name)]
        except ValueError:
            continue
        if tokens:
            yield IgnoreRule(excludes, only_folders, only_name, re.compile(_expression(tokens), re.DOTALL))


def _without_blanks(line: bytes) -> bytes:
    """Return a line without the blanks at its end, but for one that is escaped."""
    bare = line.rstrip(b" ")
    escapes = len(bare) - len(bare.rstrip(b"\\"))
    return line[: len(bare) + 1] if escapes % 2 else bare


def _tokens(pattern: bytes, *, is_path: bool) -> Iterator[bytes]:
    """Yield wildcards, and what one byte has to be as an expression; ValueError where nothing can ever match."""
    # git compares what stands before the first wildcard by itself, and takes what comes then for a beginning
    wild = _WILD.search(pattern)
    first = place = wild.start() if wild is not None else len(pattern)
    yield from (re.escape(pattern[at : at + 1]) for at in range(first))
    while place < len(pattern):
        byte = pattern[place : place + 1]
        if byte == b"*":
            length = len(pattern) - place - len(pattern[place:].lstrip(b"*"))
            after = pattern[place + length : place + length + 1]
            is_deep = is_path and length > 1 and (place == first or pattern[place - 1 : place] == b"/")
            token = {b"/": _FOLDERS, b"": _REST}.get(after, _STAR) if is_deep else _STAR
            yield token
            place += length + (token == _FOLDERS)
        elif byte == b"[":
            expression, place = _set(pattern, place + 1)
            yield expression
        elif byte == b"?":
            yield b"[^/]"
            place += 1
        else:
            place += byte == b"\\"
            if place == len(pattern):
                raise ValueError("nothing is escaped")
            yield re.escape(pattern[place : place + 1])
            place += 1


def _set(pattern: bytes, place: int) -> tuple[bytes, int]:
    """Return the expression of a set of bytes whose bracket was opened before `place`, and where it has ended."""
    is_negated = pattern[place : place + 1] in (b"!", b"^")
    place += is_negated
    found: set[int] = set()
    begin, last = place, -1
    while place == begin or pattern[place : place + 1] != b"]":
        members, last, place = _member(pattern, place, last)
        found |= members
    chosen = sorted((set(range(256)) - found if is_negated else found) - {ord("/")})
    listed = b"".join(b"\\x%02x" % byte for byte in chosen)
    return b"[" + listed + b"]" if listed else b"(?!)", place + 1


def _member(pattern: bytes, place: int, last: int) -> tuple[set[int], int, int]:
    """Return the bytes that a member of a set means, the one that a range may begin with, and where it has ended."""
    if pattern[place : place + 1] == b"-" and last >= 0 and pattern[place + 1 : place + 2] not in (b"", b"]"):
        end, place = _byte(pattern, place + 1)
        return set(range(last, end + 1)), -1, place
    if pattern.startswith(b"[:", place):
        end = pattern.index(b"]", place + 2)
        name = pattern[place + 2 : end - 1]
        if end > place + 2 and pattern[end - 1 : end] == b":":
            if name not in _CLASSES:
                raise ValueError(f"no class of bytes {name!r}")
            return set(filter(_CLASSES[name], range(256))), -1, end + 1
    byte, place = _byte(pattern, place)
    return {byte}, byte, place


def _byte(pattern: bytes, place: int) -> tuple[int, int]:
    """Return a byte, escaped or not, and where it has ended."""
    place += pattern[place : place + 1] == b"\\"
    if place >= len(pattern):
        raise ValueError("a set does not end")
    return pattern[place], place + 1


def _expression(tokens: Sequence[bytes]) -> bytes:
    """Return the expression of a whole pattern.

    What a wildcard stands for is never tried again once what follows it was found and another one comes: that could
    find nothing more, and would take time without bound.
    """
    blocks = _split(tokens, _FOLDERS)
    written = [_of_block(block, is_last=number == len(blocks) - 1) for number, block in enumerate(blocks)]
    inner = [b"(?>(?:.*?/)??" + block + b")" for block in written[1:-1]]
    last = [b"(?:.*/)?" + block for block in written[1:][-1:]]
    return b"".join([*written[:1], *inner, *last])


def _of_block(tokens: Sequence[bytes], *, is_last: bool) -> bytes:
    """Return the expression of what stands between two of `**/`."""
    first, *others = (b"".join(b".*" if one == _REST else one for one in part) for part in _split(tokens, _STAR))
    free = others.pop() if is_last and others else None
    once = [b"(?>[^/]*?" + part + b")" for part in others]
    return b"".join([first, *once, *([] if free is None else [b"[^/]*", free])])


def _split(tokens: Sequence[bytes], separator: bytes) -> list[list[bytes]]:
    parts: list[list[bytes]] = [[]]
    for token in tokens:
        if token == separator:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
