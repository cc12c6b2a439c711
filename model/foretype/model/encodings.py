"""The text in a file's bytes, whatever its encoding, or nothing where there is none.

UTF-8 is by far the most common and cannot be taken for another; UTF-16 and UTF-32 announce themselves. The rest is
guessed by charset-normalizer, but only for what has no byte that text never has: a guess at binary data always finds
something.
"""

from __future__ import annotations

import codecs

_MARKS = (  # UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NEVER_IN_TEXT = bytes({*range(0x20), 0x7F} - {*b"\t\n\r\f\x1b"})
_SAMPLE_BYTES = 1 << 14
_LIKELY = (
    "cp1252", "cp1250", "cp1251", "koi8_r", "cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1253", "cp1254", "cp1255",
    "cp1256", "cp1257", "mac_roman",
)  # fmt: skip
"""What text is stored in, besides Unicode, the more common ones first; rarer ones are hardly ever right."""
_LEAST_ODD = 24
"""Fewer bytes above ASCII than this can be anything: such text is Western, or is not read."""
_MOST_ODD_SHARE = 0.3
"""Share of bytes above ASCII in Western text."""
_MOST_CHAOS = 0.1
"""How untidy text may look to the guesser, which counts accents and scripts that do not go together."""


def decode(content: bytes) -> str | None:
    """Return the text that a file holds, None if it seems to hold none."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding)
    if b"\0" in content:
        return None
    text = _decoded(content, "utf-8-sig")
    return _guessed(content) if text is None else text


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        text = content.decode(encoding)
        text.encode()
    except UnicodeError:
        return None
    return None if "\0" in text else text


def _guessed(content: bytes) -> str | None:
    if len(content.translate(None, _NEVER_IN_TEXT)) < len(content):
        return None
    from charset_normalizer import from_bytes

    # plain ASCII says nothing about the encoding, and reading it takes long
    sample = b"\n".join(line for line in content.split(b"\n") if not line.isascii())[:_SAMPLE_BYTES]
    odd = sum(byte >= 0x80 for byte in sample)
    likely = _LIKELY if odd >= _LEAST_ODD else _LIKELY[:1]
    if likely == _LIKELY[:1] and odd > _MOST_ODD_SHARE * len(sample):
        return None
    matches = [match for match in from_bytes(sample, cp_isolation=[*likely]) if match.chaos <= _MOST_CHAOS]
    tidiest = min((match.chaos for match in matches), default=None)
    equal = [match for match in matches if match.chaos == tidiest]
    best = min(equal, key=lambda match: likely.index(match.encoding), default=None)
    return None if best is None else _decoded(content, best.encoding)
