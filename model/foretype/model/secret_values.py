"""Secrets that their surroundings give away: values of a telling name, passwords in addresses, credentials in headers.

A name alone is not enough: `token = "end_of_file"` and `password: ${PASSWORD}` hold no secret. A value counts if it
has what somebody who chooses a password or a program that draws a key puts in, and names and references have not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from foretype.model.anchors import Anchors
from foretype.model.secret_forms import Span

_STEMS = (b"pass", b"pwd", b"secret", b"token", b"key", b"credential")
"""What telling names hold; searched in the lower-case text."""
_HEADERS = (b"bearer", b"basic", b"token ", b"apikey ")
_IN_TEXT = (b"://", b" -u", b"-user")

_KEYWORD = re.compile(
    rb"(?P<password>pass(?:wor[dt]|wd|phrase|code)?s?|pwd)|(?:secret|token|credential)s?(?:[_-]?key)?|(?P<key>keys?)"
)
_KEY_OF = re.compile(
    rb"(?:api|secret|private|access|auth|account|storage|shared|encryption|encrypt|signing|sign|license|licence|master"
    rb"|service|app|client|deploy|admin|webhook|jwt|session|hmac|aes|cipher)[_ .-]?$"
)
_MORE = re.compile(rb"[\w.-]{0,30}")
_NO_VALUE = re.compile(
    rb"(?:name|path|file|filename|url|uri|type|kind|field|header|prefix|suffix|regex|pattern|format|version|algorithm"
    rb"|length|len|size|count|limit|ttl|expiry|expires|expiration|endpoint|label|message|description|title|hint"
    rb"|placeholder|env|var|variable|class|ref|arn|dir|provider|issuer|index|help|error)s?$",
    re.IGNORECASE,
)
"""Ends of names that tell about a secret but do not hold it."""

_TYPED = rb"(?:(?::\s{0,2}|\s)[\w&'.<>|\[\]? ]{1,30}?(?==))?"
_QUOTED = re.compile(
    rb"(?:\\?[\"'`])?(?:\[\d{0,4}\]|\])?\s{0,4}" + _TYPED +
    rb"(?:={1,3}>?|:=|!=|:|,|\(|->|value\s?=|\s)\s{0,4}\(?[A-Za-z@$]{0,2}(?P<quote>\\?[\"'`])"
    rb"(?P<value>[^\s\"'`\\]{6,300})(?P=quote)"
)  # fmt: skip
_END = rb"(?=[\s;&\"'`<]|\\|$)"
_BARE = re.compile(rb"[\"']?[ \t]{0,3}(?::=|=|:)[ \t]{0,3}(?P<value>[^\s\"'`,;&(){}\[\]<>#\\]{6,300})" + _END)
_SHELL = re.compile(rb"=(?P<value>[^\s\"'`]{6,300})(?=\s|$)")
_ELEMENT = re.compile(rb">\s{0,2}(?P<value>[^\s<>]{6,300})\s{0,2}</")
_SPACED = re.compile(rb"[ \t]+(?P<value>[^\s\"'`,;]{6,300})(?=\s|$)")
_BEFORE_SPACED = re.compile(
    rb"(?:--[\w-]*|^\s*(?:ENV|ARG)\s+\w*|^\s*(?:require)?|\b(?:login|machine|default|user|account)\b.*)$"
)

_REFERENCE = re.compile(
    rb"\$\{|\{\{|\$\(|%\(|#\{|^[$@&*][A-Za-z_]*\d?$|^%\w*%?$|^<.*>$|\{[\w.\[\]()]*\}|://|^[\w.]+\(|^\.\.\.|\*\*\*|\.\w+\("
)
_WORD = rb"(?:[A-Z]*[a-z]+(?:[A-Z][a-z]+){0,6}|[A-Z]+)\d{0,3}|[a-z]+\d{1,2}[a-z]{3,}|\d{1,4}|[vV]\d+|"
_WORDS = re.compile(rb"(?:" + _WORD + rb")(?:[._/:@~\\-](?:" + _WORD + rb"))*")
"""Identifiers, paths, dates and versions."""
_KEY_BYTES = re.compile(rb"[\w+/=.:~-]+")

_ADDRESS = re.compile(rb"://(?:[^/\s:@'\"<>]{0,64}:)?(?P<value>[^/\s:@'\"<>]{3,128})@")
_HEADER = re.compile(rb"(?i:bearer|basic|token|apikey)[ \t]+[\"']?(?P<value>[A-Za-z0-9._~+/-]{12,600}={0,2})")
_USER = re.compile(rb"(?:-u|-?-user|-?-proxy-user)[ =][\"']?[\w.@+-]{1,64}:(?P<value>[^\s\"']{6,128})")

_LEAST = 8
_LEAST_MIXED = 12
_LEAST_WEAK = 16
_LOOK_BACK = 200
"""How far left of a name its line is looked at; a line may be as long as a file."""


def spans(text: bytes) -> Iterator[Span]:
    """Yield where values that their surroundings give away stand in `text`."""
    in_lower, in_text = _anchors()
    lower = text.lower()
    for at, number in in_lower.places(lower):
        if number < len(_STEMS):
            yield from _assigned(text, lower, at)
        else:
            yield from _given(_HEADER.match(text, at), is_key)
    for at, number in in_text.places(text):
        word = _IN_TEXT[number]
        if word == b"://":
            match = _ADDRESS.match(text, at)
            is_user = match is not None and match.start("value") == at + len(word)
            yield from _given(match, _is_long_key if is_user else is_password)
        else:
            yield from _given(_USER.match(text, at + (word[:1] == b" ")), is_password)


@cache
def _anchors() -> tuple[Anchors, Anchors]:
    return Anchors((*_STEMS, *_HEADERS)), Anchors(_IN_TEXT)


def is_password(value: bytes) -> bool:
    """Tell whether a value could be a chosen password: letters with digits or signs among them."""
    if _REFERENCE.search(value):
        return False
    letters = sum(map(_is_letter, value))
    digits = sum(48 <= byte <= 57 for byte in value)
    if letters and digits:
        return True
    return digits == len(value) or bool(letters and set(value) & set(b"!$^*#@%&+?~")) or _is_mixed(value)


def is_key(value: bytes) -> bool:
    """Tell a drawn value from a name: it has digits among its letters, and is not made of words."""
    if _REFERENCE.search(value) or _WORDS.fullmatch(value) or not _KEY_BYTES.fullmatch(value):
        return False
    return (any(48 <= byte <= 57 for byte in value) and any(map(_is_letter, value))) or _is_mixed(value)


def _assigned(text: bytes, lower: bytes, at: int) -> Iterator[Span]:
    """Yield the value that is assigned to the telling name which begins or goes on at `at`."""
    keyword = _KEYWORD.match(lower, at)
    if keyword is None or _goes_on(text, keyword.end()):
        return
    if keyword[0] == b"pass" and _goes_on(text, at) and not lower.endswith(b"require", 0, at):
        return  # `compass`; Redis calls its password `requirepass`
    end = _end_of_name(text, keyword.end())
    if end is None:
        return
    value = _QUOTED.match(text, end)
    if value is not None:
        # what is assigned to a password itself may be a word with a number; what only tells about one is a word often
        may_be_word = end == keyword.end() and set(text[end : value.start("value")]) & set(b"=:")
    else:
        value, may_be_word = _unquoted(text, at, end), set()
    if value is None:
        return
    if keyword["password"] is not None:
        holds = is_password(value["value"]) and (may_be_word or not _WORDS.fullmatch(value["value"]))
    else:
        is_weak = keyword["key"] is not None and _KEY_OF.search(lower, max(0, at - 16), at) is None
        holds = len(value["value"]) >= (_LEAST_WEAK if is_weak else _LEAST) and is_key(value["value"])
    if holds:
        yield value.span("value")


def _end_of_name(text: bytes, end: int) -> int | None:
    """Return where a name ends that holds a keyword up to `end`, None if such names hold no secret."""
    more = _MORE.match(text, end)
    if more is None or _NO_VALUE.search(more[0]):
        return None
    return more.end()


def _unquoted(text: bytes, at: int, end: int) -> re.Match[bytes] | None:
    """Return the value after a name that ends at `end`, where no quote follows it."""
    sign = text[end : end + 1]
    if sign == b">":
        return _ELEMENT.match(text, end)
    if sign in (b" ", b"\t") and (match := _SPACED.match(text, end)) is not None:
        before = text[max(0, at - _LOOK_BACK) : at].rpartition(b"\n")[2]
        if _BEFORE_SPACED.search(before):
            return match
    if sign == b"=" and text[at : at + 1].isupper() and (match := _SHELL.match(text, end)) is not None:
        return match
    return _BARE.match(text, end)


def _goes_on(text: bytes, at: int) -> bool:
    """Tell whether a word goes on at `at`, as `keyboard` does after `key`: letters of one case on both sides."""
    before, after = text[at - 1 : at], text[at : at + 1]
    return (before.islower() and after.islower()) or (before.isupper() and after.isupper())


def _given(match: re.Match[bytes] | None, holds_secret: Callable[[bytes], bool]) -> Iterator[Span]:
    if match is not None and holds_secret(match["value"]):
        yield match.span("value")


def _is_long_key(value: bytes) -> bool:
    return len(value) >= _LEAST_WEAK and is_key(value)


def _is_letter(byte: int) -> bool:
    return 65 <= byte <= 90 or 97 <= byte <= 122


def _is_mixed(value: bytes) -> bool:
    """Tell drawn letters from words: nearly as many capitals as small ones."""
    capitals = sum(65 <= byte <= 90 for byte in value)
    return len(value) >= _LEAST_MIXED and 0.35 <= capitals / len(value) <= 0.65 and not _WORDS.fullmatch(value)
