"""Replace secrets in a text by placeholders of the same shape, before anything learns from it.

Finds tokens that announce themselves by their form and values that are assigned to a telling name. A placeholder has
the length of what it replaces and keeps letters, digits and signs apart, so that the text around it stays natural.
"""

from __future__ import annotations

import math
import re
from collections import Counter

_FORMS = (
    rb"AKIA[0-9A-Z]{16}|ASIA[0-9A-Z]{16}",  # cloud access keys
    rb"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}|glpat-[A-Za-z0-9_-]{20,}",
    rb"xox[abposr]-[A-Za-z0-9-]{10,}",
    rb"AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,}",
    rb"[sr]k_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[0-9A-Za-z]{16,}",
    rb"SG\.[\w-]{16,}\.[\w-]{16,}|key-[0-9a-f]{32}|SK[0-9a-f]{32}|AC[0-9a-f]{32}",
    rb"npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,}|dop_v1_[0-9a-f]{64}|hf_[A-Za-z0-9]{30,}|sk-[A-Za-z0-9_-]{20,}",
    rb"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",  # JSON web tokens
    rb"(?<=://)[^/\s:@'\"]{1,64}:[^/\s:@'\"]{3,64}(?=@)",  # user and password in an address
)
_FORM = re.compile(b"|".join(b"(?:" + form + b")" for form in _FORMS))
_PRIVATE_KEY = re.compile(
    rb"(-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----)(.*?)(-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----)", re.DOTALL
)
_ASSIGNED = re.compile(
    rb"((?:api[_-]?key|secret|token|passw(?:or)?d|passphrase|credential|private[_-]?key|access[_-]?key)[\w-]{0,20}"
    rb"[\"']?\s{0,4}(?::|=|=>|:=)\s{0,4}[\"'])([A-Za-z0-9+/_=.-]{12,200})(?=[\"'])",
    re.IGNORECASE,
)

_RUN = re.compile(rb"[A-Za-z0-9+/_=-]{28,}")
_HEXADECIMAL = re.compile(rb"[0-9a-fA-F]{32,}")
_LEAST_DIGITS = 4
_RANDOM_ENTROPY = 4.2
"""Bits per byte; a name of that length repeats its letters more."""


def scrub(text: bytes) -> tuple[bytes, int]:
    """Return `text` with secrets replaced, of the same length, and how many there were."""
    found = 0

    def whole(match: re.Match[bytes]) -> bytes:
        nonlocal found
        found += 1
        return _placeholder(match[0])

    def inner(match: re.Match[bytes]) -> bytes:
        nonlocal found
        if not _looks_random(match[2]):
            return match[0]
        found += 1
        return match[1] + _placeholder(match[2]) + match[0][len(match[1]) + len(match[2]) :]

    def key(match: re.Match[bytes]) -> bytes:
        nonlocal found
        found += 1
        return match[1] + _placeholder(match[2]) + match[3]

    text = _PRIVATE_KEY.sub(key, text)
    text = _FORM.sub(whole, text)
    return _ASSIGNED.sub(inner, text), found


def reveals(before: bytes, text: bytes) -> bool:
    """Tell whether `text`, put behind `before` in its line, would hold a secret or a part of one."""
    line = before + text
    if scrub(line)[0][len(before) :] != text:
        return True
    return any(run.end() > len(before) and _looks_like_a_key(run[0]) for run in _RUN.finditer(line))


def _looks_like_a_key(run: bytes) -> bool:
    """Tell digests and keys of no known form from long names: many digits among letters, hardly a byte twice."""
    digits = sum(48 <= byte <= 57 for byte in run)
    letters = len(run) - digits
    if digits < _LEAST_DIGITS or letters < _LEAST_DIGITS:
        return False
    return _HEXADECIMAL.fullmatch(run) is not None or _entropy(run) > _RANDOM_ENTROPY


def _entropy(run: bytes) -> float:
    """Return the bits per byte of a run by the frequencies of its bytes (Shannon 1948)."""
    shares = [count / len(run) for count in Counter(run).values()]
    return -sum(share * math.log2(share) for share in shares)


def _looks_random(value: bytes) -> bool:
    """Tell a value from a name: it has digits and letters, and no word separated by dots or underscores in it."""
    return any(48 <= byte <= 57 for byte in value) and any(byte > 57 for byte in value) and value.count(b".") < 2


_SHAPE = bytes.maketrans(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", b"0" * 10 + b"X" * 26 + b"x" * 26
)


def _placeholder(secret: bytes) -> bytes:
    return secret.translate(_SHAPE)
