"""Replace secrets in a text by placeholders of the same shape, before anything learns from it.

Three things give a secret away: its form, what stands around it, and that nobody would write such a thing by hand. A
placeholder has the length of what it replaces and keeps letters, digits and signs apart, so that the text around it
stays natural; a text without secrets is returned as it is.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from foretype.model import secret_forms, secret_values
from foretype.model.secret_forms import Span

_LEAST_RUN = 28
_RUN_BYTES = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/_-"
_FLAT = bytes(120 if byte in _RUN_BYTES else 32 for byte in range(256))
"""Makes runs findable as so many `x`, far faster than an expression finds them."""
_DIGEST = re.compile(rb"(?<![0-9A-Za-z])(?=[a-fA-F]*[0-9])(?=[0-9]*[a-fA-F])[0-9a-fA-F]{32,}(?![0-9A-Za-z])")
_LEAST_DIGITS = 4
_LEAST_ROUGH_DIGITS = 2
"""Where capitals and small letters take turns at random as well."""
_RANDOM_ENTROPY = 4.2
"""Bits per byte; a name of that length repeats its letters more."""
_RANDOM_SWITCHES = 0.5
"""Share of places where small letters, capitals and digits take turns: in what is drawn three of five."""
_MOST_IN_ORDER = 0.5
"""Share of bytes that follow the one before them: more is an alphabet."""
_LONGEST_SEGMENT = 12
"""What stands between slashes or dashes is longer in keys than this on average."""
_MAYBE_PLACEHOLDER = re.compile(rb"[xX0_-]{10,}")
_LEAST_LETTERS = 2


def scrub(text: bytes) -> tuple[bytes, int]:
    """Return `text` with secrets replaced, of the same length, and how many there were."""
    found = [(start, end) for start, end in _merged(_spans(text)) if _placeholder(text[start:end]) != text[start:end]]
    if not found:
        return text, 0
    clean = bytearray(text)
    for start, end in found:
        clean[start:end] = _placeholder(text[start:end])
    return bytes(clean), len(found)


def reveals(before: bytes, text: bytes) -> bool:
    """Tell whether `text`, put behind `before` in its line, would hold a secret or a part of one, or a placeholder."""
    line = before + text
    if any(end > len(before) for _, end in _spans(line)):
        return True
    found = _MAYBE_PLACEHOLDER.finditer(line)
    return any(_is_placeholder(match[0]) for match in found if match.end() > len(before))


def _spans(text: bytes) -> Iterator[Span]:
    yield from secret_forms.spans(text)
    yield from secret_values.spans(text)
    for start, end in _runs(text):
        digests = [match.span() for match in _DIGEST.finditer(text, start, end)]
        yield from digests
        if not digests and _looks_like_a_key(text[start:end]):
            yield start, end


def _runs(text: bytes) -> Iterator[Span]:
    """Yield where so many letters, digits and signs of base64 stand in a row that they could be a key."""
    flat = text.translate(_FLAT)
    start = flat.find(b"x" * _LEAST_RUN)
    while start >= 0:
        end = flat.find(b" ", start)
        end = len(flat) if end < 0 else end
        yield start, end
        start = flat.find(b"x" * _LEAST_RUN, end)


def _looks_like_a_key(run: bytes) -> bool:
    """Tell digests and keys of no known form from long names: many digits among letters, hardly a byte twice."""
    digits = len(run) - len(run.translate(None, b"0123456789"))
    letters = len(run) - digits
    if digits < _LEAST_ROUGH_DIGITS or letters < _LEAST_DIGITS:
        return False
    if run.lower() != run != run.upper() and _switches(run) >= _RANDOM_SWITCHES * len(run):
        return True
    signs = sum(run.count(sign) for sign in b"/-_")
    if len(run) / (signs + 1) < _LONGEST_SEGMENT or digits < _LEAST_DIGITS or _entropy(run) <= _RANDOM_ENTROPY:
        return False
    in_order = sum(after == before + 1 for before, after in pairwise(run))
    return in_order < _MOST_IN_ORDER * len(run)


def _switches(run: bytes) -> int:
    """Count how often a run goes from small letters, capitals or digits to another of these."""
    kinds = run.translate(_SHAPE, b"+/_-")
    return sum(before != after for before, after in pairwise(kinds))


def _entropy(run: bytes) -> float:
    """Return the bits per byte of a run by the frequencies of its bytes (Shannon 1948)."""
    shares = [count / len(run) for count in Counter(run).values()]
    return -sum(share * math.log2(share) for share in shares)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Return the spans in order, those that overlap made one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


_SHAPE = bytes.maketrans(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", b"0" * 10 + b"X" * 26 + b"x" * 26
)


def _is_placeholder(run: bytes) -> bool:
    """Tell what stands for a key from a ruler or a number: a digit and letters."""
    return b"0" in run and run.count(b"x") + run.count(b"X") >= _LEAST_LETTERS


def _placeholder(secret: bytes) -> bytes:
    return secret.translate(_SHAPE).replace(b"\\x", b"\\n")  # a key in a string has its line ends escaped
