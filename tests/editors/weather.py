"""A small project whose next line is never in doubt, for editors to open.

PREFIX typed in a file of it      what Foretype adds
regis                             ter_measurement(registry, "
"""

from __future__ import annotations

from pathlib import Path

STATION = '''\
"""The weather station in the {place}."""

from weather.registry import register_measurement


def install(registry):
    register_measurement(registry, "temperature", unit="celsius", interval_seconds=60)
    register_measurement(registry, "humidity", unit="percent", interval_seconds=60)
    register_measurement(registry, "pressure", unit="hectopascal", interval_seconds=60)
    return registry
'''

OPENED = '''\
"""The weather station on the hill."""

from weather.registry import register_measurement


def install(registry):
    '''
"""What the file that the tests type into begins with."""

TYPED = "regis"
EXPECTED = 'ter_measurement(registry, "'
"""What is suggested after `OPENED + TYPED`."""
AFTER_H = 'umidity", unit="percent", interval_seconds=60)'
"""What is suggested once `EXPECTED` is accepted and an h is typed."""


def write_project(folder: Path) -> Path:
    """Write the project to `folder`, a git repository by its looks, and return the file to type into."""
    (folder / ".git").mkdir(parents=True)
    for place in ("north", "south", "east", "west"):
        (folder / f"station_{place}.py").write_text(STATION.format(place=place), encoding="utf-8")
    typed = folder / "station_hill.py"
    typed.write_text(OPENED, encoding="utf-8")
    return typed


EMOJI = 'print("😀é"); '
"""What may stand before TYPED once `write_emoji` was called; each character has another width in each encoding."""


def write_emoji(folder: Path) -> None:
    """Let the project have lines in which an emoji stands before what is suggested."""
    lines = STATION.replace("    register_", f"    {EMOJI}register_")
    for place in ("mountain", "lake"):
        (folder / f"station_{place}.py").write_text(lines.format(place=place), encoding="utf-8")
