"""Lines completed by a reader: an example's input is laid out as source, read, and gone on from greedily.

What comes is made into tokens by the rules of the format. Knows nothing of models or files.
"""

from __future__ import annotations

from foretype.model.tokens import header
from foretype.training.codexglue.examples import Example, rest_of_line
from foretype.training.codexglue.layout import source
from foretype.training.codexglue.source_tokens import Language, Literals, scan, written
from foretype.training.line_completion import Open, finish_line

_WORD_BYTES = bytes(byte for byte in range(256) if byte >= 0x80 or chr(byte).isalnum() or byte == ord("_"))
_NAMES: dict[Language, str] = {"python": "module.py", "java": "Module.java"}


def completed(open_reader: Open, example: Example, literals: Literals, language: Language) -> str:
    """Return the predicted rest of an example's line, as the format writes it."""
    reader = open_reader(header(_NAMES[language], language))
    before = source(example.input, language).encode()
    reader.read(before)
    # the format says that the last token is whole; a byte of a word would go on with it
    barred = _WORD_BYTES if before and before[-1] in _WORD_BYTES else b""
    rest = finish_line(reader, barred).decode("utf-8", "ignore")
    return " ".join(rest_of_line(written(scan(rest, language), literals, language), language))
