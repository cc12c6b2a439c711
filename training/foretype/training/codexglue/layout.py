"""The tokens of an example as somebody would have typed them, for a network that has read source code, not tokens.

The format drops line ends (of Java) and indentation (of Python); both are guessed from what the tokens say. Knows
nothing of networks.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Sequence

from foretype.training.codexglue.examples import BEGIN
from foretype.training.codexglue.score import with_values
from foretype.training.codexglue.source_tokens import EOL, Language

_INDENT = "    "
_JAVA_KEYWORDS = frozenset(
    ["assert", "case", "catch", "do", "else", "extends", "final", "for", "if", "implements", "import", "instanceof"]
) | {"new", "package", "return", "switch", "synchronized", "throw", "throws", "try", "while"}
_KEYWORDS: dict[Language, frozenset[str]] = {"python": frozenset(keyword.kwlist), "java": _JAVA_KEYWORDS}
_NEVER_BEFORE = frozenset([",", ";", ")", "]", "."])
_NEVER_AFTER = frozenset(["(", "[", ".", "~", "@"])
_LEAVES = ("return", "raise", "break", "continue", "pass")
_GOES_ON = ("elif", "else", "except", "finally")


def source(text: str, language: Language) -> str:
    """Return the input of an example as source code."""
    tokens = with_values(text).split()
    if tokens[:1] == [BEGIN]:
        del tokens[0]
    return _python(tokens) if language == "python" else _java(tokens)


def _python(parts: Sequence[str]) -> str:
    rows: list[list[str]] = [[]]
    for part in parts:
        if part == EOL:
            rows.append([])
        else:
            rows[-1].append(part)
    places = _places(rows)
    lines = (
        _INDENT * depth + _spaced(row, "python", brackets) for (depth, brackets), row in zip(places, rows, strict=True)
    )
    return "\n".join(lines)


def _places(rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Yield how deep each line probably stands, and within how many brackets it begins."""
    depth, brackets, before, in_class = 0, 0, "", False
    for row in rows:
        first, last = (row[0], row[-1]) if row else ("", "")
        if brackets == 0:
            in_class = first == "class" or (in_class and (first != "def" or _is_method(row, in_class)))
            depth = _depth(row, depth, before, in_class)
        yield depth + bool(brackets), brackets
        brackets = max(0, brackets + sum((part in "([{") - (part in ")]}") for part in row if len(part) == 1))
        if brackets == 0:
            depth = depth + 1 if last == ":" else max(0, depth - (first in _LEAVES))
            before = first


def _depth(row: Sequence[str], depth: int, before: str, in_class: bool) -> int:
    first = row[0] if row else ""
    if first == "class":
        return 0
    if first in ("def", "@"):
        return int(in_class)
    if first in _GOES_ON:
        return max(0, depth - (before not in _LEAVES))
    return depth


def _is_method(row: Sequence[str], in_class: bool) -> bool:
    return row[3] in ("self", "cls") if len(row) > 3 else in_class


def _java(parts: Sequence[str]) -> str:
    rows: list[tuple[int, list[str]]] = [(0, [])]
    depth = brackets = 0
    for part in parts:
        brackets += (part == "(") - (part == ")")
        if part == "}":
            depth = max(0, depth - 1)
            if not rows[-1][1]:
                rows[-1] = (depth, [])
        rows[-1][1].append(part)
        depth += part == "{"
        if part in "{}" or (part == ";" and brackets <= 0):
            rows.append((depth, []))
    return "\n".join(_INDENT * depth + _spaced(row, "java", 0) for depth, row in rows)


def _spaced(parts: Sequence[str], language: Language, brackets: int) -> str:
    text = ""
    for place, part in enumerate(parts):
        before = parts[place - 1] if place else ""
        brackets += (part in ("(", "[")) - (before in (")", "]"))
        tight = (
            not text
            or _is_tight(before, part, language)
            or (before in ("-", "+") and (place < 2 or not _is_value(parts[place - 2], language)))
            or (
                _is_tight_in_python(before, part, brackets)
                if language == "python"
                else _is_tight_in_java(before, part, text)
            )
        )
        text += part if tight else f" {part}"
    return text


def _is_value(part: str, language: Language) -> bool:
    return (part[-1].isalnum() or part[-1] in ")]_\"'") and part not in _KEYWORDS[language]


def _is_tight(before: str, part: str, language: Language) -> bool:
    """Tell whether two tokens stand without a blank between them, in either language."""
    if part in _NEVER_BEFORE or before in _NEVER_AFTER:
        return before not in ("import", "from")
    opened = before in (")", "]", ">") or (before.isidentifier() and before not in _KEYWORDS[language])
    return part in ("(", "[") and opened


def _is_tight_in_python(before: str, part: str, brackets: int) -> bool:
    return part in (":", "}") or (brackets > 0 and "=" in (before, part)) or before in ("{", "**")


def _is_tight_in_java(before: str, part: str, text: str) -> bool:
    if part in ("++", "--", "::") or before in ("::", "!"):
        return True
    if part == "<":
        return re.search(r"\b[A-Z]\w*(<[^;(]*)?$", text) is not None
    return (before == "<" or part == ">") and re.search(r"[A-Z]\w*<[\w\s,.<>?\[\]&]*$", text) is not None
