"""Show a run: a live line in a terminal, plain lines elsewhere, always on standard error.

Knows nothing of how a run works beyond the figures of its steps.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

if TYPE_CHECKING:
    from foretype.training.train import Step

_LINE_SECONDS = 5.0
"""Time between two plain lines."""
_SMOOTHING = 0.98


class ProgressLine:
    """Show notes and steps; a context manager, so that the terminal is left as it was."""

    def __init__(self, first: Sequence[str] = ()) -> None:
        """Decide by standard error what it can show; `first` waits for the first note, so that errors stand alone."""
        self._first = [*first]
        console = Console(stderr=True, highlight=False)
        self._live = (
            Progress(
                TextColumn("[bold]{task.description}"), BarColumn(30), TextColumn("{task.fields[figures]}"),
                console=console, transient=False,
            )
            if console.is_terminal
            else None
        )  # fmt: skip
        self._task = (
            None if self._live is None else self._live.add_task("learning", total=1.0, figures="", visible=False)
        )
        self._bits: float | None = None
        self._held_out: float | None = None
        self._shown = 0.0

    def __enter__(self) -> Self:
        """Start the live line."""
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last figures on the screen."""
        if self._live is not None:
            self._live.stop()

    def note(self, text: str) -> None:
        """Print one line above the live one."""
        lines, self._first = [*self._first, text], []
        for line in lines:
            if self._live is not None:
                self._live.console.print(line, markup=False)
            else:
                print(line, file=sys.stderr, flush=True)  # noqa: T201  # this file is what prints

    def share(self, what: str, done: float) -> None:
        """Show how much of a piece of work is done."""
        if self._live is not None and self._task is not None:
            self._live.update(self._task, completed=done, figures=what, visible=True)

    def step(self, step: Step) -> None:
        """Show where the run stands."""
        self._bits = step.bits if self._bits is None else _SMOOTHING * self._bits + (1 - _SMOOTHING) * step.bits
        if step.held_out_bits is not None:
            self._held_out = step.held_out_bits
        if self._live is not None and self._task is not None:
            self._live.update(self._task, completed=step.progress, figures=self._figures(step), visible=True)
        elif step.progress >= 1 or time.monotonic() - self._shown > _LINE_SECONDS:
            self._shown = time.monotonic()
            self.note(f"{step.progress:4.0%}  {self._figures(step)}")
        if step.sample:
            self.note(f"      it writes: {step.sample}")

    def _figures(self, step: Step) -> str:
        parts = [f"{self._bits:.2f} bits per byte"]
        if self._held_out is not None:
            parts.append(f"held out {self._held_out:.2f}")
        if step.seconds > 0:
            parts.append(f"{step.bytes_seen / step.seconds / 1e3:.1f} kB/s")
        if 0 < step.progress < 1:
            left = step.seconds * (1 - step.progress) / step.progress
            parts.append(f"{int(left) // 60}:{int(left) % 60:02d} left")
        return " · ".join(parts)
