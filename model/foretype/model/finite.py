"""Numbers on command lines: click's range of them, without those that are none or have no end.

`nan` is neither below a range nor above it, so that click lets it in. Knows nothing of commands.
"""

from __future__ import annotations

import math
from typing import Any

import click


class Finite(click.FloatRange):
    """Take a finite number within a range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number; anything else is bad usage."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number
