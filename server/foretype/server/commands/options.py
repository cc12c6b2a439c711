"""Command-line options that several commands share, and what they name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from foretype.model import indexing, memory
from foretype.model.engine import Engine
from foretype.model.finite import Finite
from foretype.model.named_path import NamedPath
from foretype.model.registry import Registry, memories_dir
from foretype.model.segment import Mask, Segment

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

seed_option: Decorator = click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same text."
)


TEMPERATURE = Finite(0, 10)


def temperature_option(default: float) -> Decorator:
    """Return the option `--temperature` with this default."""
    return click.option(
        "--temperature",
        type=TEMPERATURE,
        default=default,
        show_default=True,
        help="0 is greedy; higher is freer.",
    )


def engine_of(model: str | None) -> Engine:
    """Load the model that `--model` names, by default the one that serves."""
    return Registry.default().find(model).engine()


project_option: Decorator = click.option(
    "--project",
    type=NamedPath(file_okay=False, exists=True),
    help="Folder whose files are remembered.",
)


def memory_around(project: Path | None, file: Path) -> list[tuple[Segment, Mask]]:
    """Return the memory of a folder, brought up to date, in which `file` is silent; none without a folder."""
    if project is None:
        return []
    held = indexing.refresh(memory.folder_of(memories_dir(), project), project).memory
    key = indexing.key_of(project, file)
    return held.without([] if key is None else [key])
