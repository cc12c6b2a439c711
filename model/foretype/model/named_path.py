"""Paths on command lines: click's, without the empty one.

`Path("")` is the current folder, so `foretype forget "$file"` with a variable that is not set would forget all of it.
Knows nothing of commands.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click


class NamedPath(click.Path):
    """Take a path that is not empty and, unless `readable` is False, not kept from being looked at."""

    def __init__(self, **limits: bool) -> None:
        """Take click's own limits: `exists`, `file_okay`, `dir_okay`, `readable`."""
        super().__init__(path_type=Path, **limits)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the path; anything else is bad usage."""
        if not os.fspath(value):
            self.fail("the path is empty; name a file or a folder, '.' for the one you are in.", param, ctx)
        if self.readable:
            self._look_at(value, param, ctx)
        return Path(os.fsdecode(super().convert(value, param, ctx)))

    def _look_at(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> None:
        try:
            os.stat(value)  # noqa: PTH116  # as click does
        except (FileNotFoundError, NotADirectoryError):
            return  # whether it must exist is for click or the command to say
        except OSError as error:
            self.fail(f"{value} cannot be read ({error.strerror}); name another.", param, ctx)
