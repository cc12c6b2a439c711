"""The language of a file, told from its name alone, in one spelling for training and serving.

Editors name languages each in their own way (`shellscript`, `sh`, `bash`); a network that learnt one spelling must
be asked in the same one, so nothing but the path decides. Source of the names: the `identify` library.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import PurePath

from foretype.model.tokens import header

# Tags of `identify` that say how a file is stored, not what it is written in.
_STORAGE = frozenset({"text", "binary", "file", "directory", "symlink", "executable", "non-executable"})


def header_of(path: str) -> bytes:
    """Return the tokens that open the document at this path: the same ones for training and serving."""
    return header(path, language_of(path))


@lru_cache(maxsize=4096)
def language_of(path: str) -> str:
    """Return the language's name in lower case, or an empty string when the name says nothing."""
    from identify.identify import tags_from_filename

    tags = sorted(tags_from_filename(PurePath(path).name) - _STORAGE)
    return str(tags[0]) if tags else ""
