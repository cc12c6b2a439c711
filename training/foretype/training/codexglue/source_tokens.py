"""Source code as CodeXGLUE's completion data has it: tokens with blanks between them, rare literals left out.

Rules: those of the data set's own preparation. Comments and indentation are dropped; in Python every line end is one
`<EOL>`, in Java none is kept; a literal that is not among the frequent ones is named by its kind alone. One scanner
reads both languages and half a line as well, so it is no parser.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Language = Literal["python", "java"]
LANGUAGES: tuple[Language, ...] = ("python", "java")

EOL = "<EOL>"
_FREQUENT_STRINGS, _FREQUENT_NUMBERS, _FREQUENT_CHARACTERS = 200, 30, 30
"""As many as the data set names."""
_SPELT = {" ": "U+0020", ",": "U+002C"}

_PYTHON = r"""
    (?P<skipped>\#[^\n]*|\\\n|[^\S\n]+)
  | (?P<eol>\n)
  | (?P<string>(?i:[rbuf]{1,2})?(?:
        '''(?:\\.|[^\\])*?''' | \"\"\"(?:\\.|[^\\])*?\"\"\" | '(?:\\.|[^'\\\n])*'? | "(?:\\.|[^"\\\n])*"?
    ))
  | (?P<number>0[xXbBoO][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?[jJlL]?)
  | (?P<other>[^\W\d]\w*|\.\.\.|\*\*=|//=|>>=|<<=|->|:=|\*\*|//|<<|>>|<>|[=!<>+\-*/%&|^@]=|\S)
"""
_JAVA = r"""
    (?P<skipped>//[^\n]*|/\*.*?\*/|\s+)
  | (?P<eol>(?!))
  | (?P<string>\"\"\"(?:\\.|[^\\])*?\"\"\"|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)
  | (?P<number>0[xXbB][\da-fA-F_]+[lL]?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?[lLfFdD]?)
  | (?P<other>[^\W\d][\w$]*|\$[\w$]*|\.\.\.|>>>=|>>=|<<=|->|::|<<|\+\+|--|&&|\|\||[=!<>+\-*/%&|^]=|\S)
"""
_SCANNERS: dict[Language, re.Pattern[str]] = {
    "python": re.compile(_PYTHON, re.VERBOSE | re.DOTALL),
    "java": re.compile(_JAVA, re.VERBOSE | re.DOTALL),
}
_STRING = re.compile(r"(?P<prefix>[a-zA-Z]*)(?P<quote>'''|\"\"\"|'|\")(?P<text>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SourceToken:
    """Hold one token as it stands in the source."""

    kind: str
    """eol, string, number or other."""
    text: str


@dataclass(frozen=True, slots=True)
class Literals:
    """Hold the literals that keep their value, spelt as the data set does."""

    strings: frozenset[str]
    numbers: frozenset[str]
    characters: frozenset[str]

    @classmethod
    def frequent(cls, files: Iterable[Sequence[SourceToken]], language: Language) -> Literals:
        """Return the most frequent ones of these files."""
        strings, numbers, characters = Counter[str](), Counter[str](), Counter[str]()
        for token in (token for tokens in files for token in tokens):
            if token.kind == "number":
                numbers[token.text] += 1
            elif token.kind == "string":
                _, value, _, is_character = _parts(token.text, language)
                (characters if is_character else strings).update([value] if value else [])
        pairs = ((strings, _FREQUENT_STRINGS), (numbers, _FREQUENT_NUMBERS), (characters, _FREQUENT_CHARACTERS))
        return cls(*(frozenset(value for value, _ in counts.most_common(most)) for counts, most in pairs))

    @classmethod
    def from_json(cls, text: str) -> Literals:
        """Read the data set's `literals.json`; anything else raises ValueError."""
        read = json.loads(text)
        try:
            return cls(*(frozenset(map(str, read[key])) for key in ("str", "num", "char")))
        except (KeyError, TypeError) as error:
            raise ValueError(f"expected lists named str, num and char, got {text[:60]!r}") from error

    def to_json(self) -> str:
        """Return what `from_json` reads."""
        values = {"str": sorted(self.strings), "num": sorted(self.numbers), "char": sorted(self.characters)}
        return json.dumps(values)


def scan(code: str, language: Language) -> list[SourceToken]:
    """Return the tokens of some source, which may end anywhere; several line ends in a row are one."""
    found: list[SourceToken] = []
    for match in _SCANNERS[language].finditer(code):
        kind = match.lastgroup or "other"
        if kind == "skipped" or (kind == "eol" and (not found or found[-1].kind == "eol")):
            continue
        found.append(SourceToken(kind, " ".join(match[0].split())))
    return found


def written(tokens: Sequence[SourceToken], literals: Literals, language: Language) -> list[str]:
    """Return tokens as the data set writes them."""
    return list(_written(tokens, literals, language))


def _written(tokens: Sequence[SourceToken], literals: Literals, language: Language) -> Iterator[str]:
    for token in tokens:
        if token.kind == "eol":
            yield EOL
        elif token.kind == "number":
            yield _named("NUM", token.text, literals.numbers)
        elif token.kind == "string":
            opening, value, closing, is_character = _parts(token.text, language)
            known = literals.characters if is_character else literals.strings
            yield opening + _named("CHAR" if is_character else "STR", value, known) + closing
        else:
            yield token.text


def _named(kind: str, value: str, known: frozenset[str]) -> str:
    return f"<{kind}_LIT:{value}>" if value in known else f"<{kind}_LIT>"


def _parts(text: str, language: Language) -> tuple[str, str, str, bool]:
    """Return what opens a string, its value, what closes it, and whether it is one character of Java."""
    match = _STRING.fullmatch(text)
    assert match is not None, "the scanner knows strings by their quotes"
    quote, value, closing = match["quote"], match["text"], ""
    if value.endswith(quote):
        value, closing = value[: -len(quote)], quote
    is_character = language == "java" and quote == "'" and len(value) == 1
    for character, spelt in _SPELT.items():
        value = value.replace(character, spelt)
    return match["prefix"] + quote, value, closing, is_character
