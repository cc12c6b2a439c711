"""What a user can set, as one frozen value. Wrong settings never stop the server: defaults serve, problems are told.

Editors send camelCase names, either bare or under `foretype`. Knows nothing of where settings come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from foretype.model.indexing import DEFAULT_LIMIT_BYTES
from foretype.model.sampling import Sampling
from foretype.model.suggest import SuggestOptions

_SECTION = "foretype"


@dataclass(frozen=True, slots=True)
class Settings:
    """Hold the settings of one client."""

    enabled: bool = True
    """Whether suggestions are made at all."""
    eagerness: float = 0.5
    """From 0 (speak only when nearly sure) to 1 (speak nearly always)."""
    temperature: float = 0.6
    """How freely alternatives are sampled: 0 is the likeliest text only."""
    max_bytes: int = 48
    """Longest line of a suggestion."""
    max_lines: int = 1
    """How many lines a suggestion may have; more than one where nothing stands right of the caret in its line."""
    candidates: int = 3
    """How many suggestions an explicit request gets."""
    seed: int = 0
    """The same seed and text give the same suggestion."""
    memory: bool = True
    """Whether the files of the folders that are open are remembered."""
    memory_bytes: int = DEFAULT_LIMIT_BYTES
    """How much text of one folder is remembered; above it the newest files win."""

    other_projects: bool = False
    """Whether what is remembered of other projects may help in this one; their text can then appear in suggestions."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("eagerness", 0, 1),
            ("temperature", 0, 10),
            ("max_bytes", 1, 4096),
            ("max_lines", 1, 32),
            ("candidates", 1, 16),
            ("seed", 0, 2**63 - 1),
            ("memory_bytes", 1, 2**40),
        ):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"must be between {low} and {high}, got {getattr(self, name)}")

    def suggest_options(self, *, asked: bool) -> SuggestOptions:
        """Return what to ask of a suggestion; `asked` when the user asked by hand."""
        return SuggestOptions(
            count=self.candidates if asked else 1,
            max_bytes=self.max_bytes,
            lines=self.max_lines,
            eagerness=self.eagerness,
            asked=asked,
            sampling=Sampling(temperature=self.temperature),
            seed=self.seed,
        )


def parse(values: object) -> tuple[Settings, list[str]]:
    """Return the settings in a client's JSON and a sentence for each value that was not used."""
    if isinstance(values, Mapping) and _SECTION in values:
        values = values[_SECTION]
    if values is None:
        return Settings(), []
    if not isinstance(values, Mapping):
        return Settings(), [f"settings must be an object, got {type(values).__name__}"]
    known = {_camel(field.name): field for field in fields(Settings)}
    accepted: dict[str, Any] = {}
    problems = []
    for key, value in values.items():
        if key not in known:
            problems.append(f"unknown setting {key!r}")
            continue
        field = known[key]
        try:
            accepted[field.name] = _typed(value, field.default)
            Settings(**{field.name: accepted[field.name]})
        except ValueError as error:
            accepted.pop(field.name, None)
            problems.append(f"{key}: {error}; using {field.default!r}")
    return Settings(**accepted), problems


def _typed(value: object, default: object) -> object:
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        raise ValueError(f"expected {type(default).__name__}, got {type(value).__name__}")
    return value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
