"""A place in a file as the command line names it: FILE, FILE:LINE or FILE:LINE:COL, counted from 1.

Splits a file's text at the place. Columns count characters. Knows nothing of models.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from foretype.model.errors import UserError
from foretype.server.document import Document, Position

_PLACE = re.compile(r"(?P<path>.+?):(?P<line>\d{1,18})(?::(?P<column>\d{1,18}))?")


@dataclass(frozen=True, slots=True)
class Place:
    """Name a line's end or a column in a file; no line means the end of the file."""

    path: Path
    line: int | None = None
    column: int | None = None

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read `text`; a file whose own name looks like a place is taken as that file."""
        match = _PLACE.fullmatch(text)
        if match is None or os.path.exists(text):  # noqa: PTH110  # Path's raises where nobody may look
            return cls(Path(text))
        column = match["column"]
        return cls(Path(match["path"]), int(match["line"]), int(column) if column else None)

    def position(self, document: Document) -> Position:
        """Return the place in `document`, whose unit must be code points; one past an end raises UserError."""
        last = Position(document.line_count, 0)
        if self.line is None:
            return last
        if not 1 <= self.line <= document.line_count + 1:
            raise UserError(f"{self.path} has {document.line_count} lines, there is no line {self.line}")
        line = Position(self.line - 1, 0)
        length = document.line_length(line.line)
        if self.column is None:
            return Position(line.line, length)
        if not 1 <= self.column <= length + 1:
            raise UserError(
                f"line {self.line} of {self.path} has {length} characters, there is no column {self.column}"
            )
        return Position(line.line, self.column - 1)


def read_text(path: Path) -> str:
    """Return a file's text without a byte order mark; one that is missing, a folder or not UTF-8 raises UserError."""
    try:
        return path.read_bytes().decode("utf-8").removeprefix("\ufeff")
    except FileNotFoundError:
        raise UserError(f"{path} does not exist") from None
    except OSError as error:
        if os.path.isdir(path):  # noqa: PTH112  # Windows refuses to open a folder for want of rights; Path's may raise
            raise UserError(f"{path} is a folder; name a file") from None
        raise UserError(f"{path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 (byte {error.start}); convert it or leave it out") from None
