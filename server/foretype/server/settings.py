"""What a user can set, as one frozen value. Wrong settings never stop the server: defaults serve, problems are told.

Editors send camelCase names, either bare or under `foretype`. Knows nothing of where settings come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from foretype.model.indexing import DEFAULT_LIMIT_BYTES
from foretype.model.sampling import Sampling
from foretype.model.suggest import SuggestOptions

_SECTION = "foretype"


def setting(default: Any, about: str, low: float | None = None, high: float | None = None) -> Any:
    """Return a field of `Settings`: its default, what it does, and between what it may lie."""
    return field(default=default, metadata={"about": about, "low": low, "high": high})


@dataclass(frozen=True, slots=True)
class Settings:
    """Hold the settings of one client; a wrong value raises ValueError at construction."""

    enabled: bool = setting(True, "Whether suggestions are made at all.")
    manual: bool = setting(False, "Whether suggestions are made only when they are asked for by hand.")
    eagerness: float = setting(0.5, "From 0 (speak only when nearly sure) to 1 (speak nearly always).", 0, 1)
    temperature: float = setting(
        0.6, "How freely alternatives are sampled: 0 is the likeliest text only, above 1 is daring.", 0, 10
    )
    max_bytes: int = setting(48, "Longest line of a suggestion, in bytes.", 1, 4096)
    max_lines: int = setting(
        1, "How many lines a suggestion may have; more than one where nothing stands right of the caret.", 1, 32
    )
    candidates: int = setting(3, "How many suggestions an explicit request gets.", 1, 16)
    seed: int = setting(0, "The same seed and text give the same suggestion.", 0, 2**63 - 1)
    disabled_languages: tuple[str, ...] = setting(
        (), "Languages without suggestions, by the names that the editor has for them."
    )
    in_comments: bool = setting(True, "Whether suggestions are made in comments.")
    in_strings: bool = setting(True, "Whether suggestions are made in strings.")
    after_deletion: bool = setting(False, "Whether suggestions are made right after text was only taken away.")
    max_document_characters: int = setting(
        50_000_000, "Documents with more characters than this get no suggestions.", 1, 2**40
    )
    deadline_ms: int = setting(
        250, "How long an automatic request may take; then it gets the best that was found, or nothing.", 1, 60_000
    )
    speculate: bool = setting(True, "Whether suggestions are looked for before the editor asks.")
    speculate_on_battery: bool = setting(True, "The same while the machine runs on battery.")
    memory: bool = setting(True, "Whether the files of the folders that are open are remembered.")
    memory_bytes: int = setting(
        DEFAULT_LIMIT_BYTES, "How much text of one folder is remembered; above it the newest files win.", 1, 2**40
    )
    other_projects: bool = setting(
        False,
        "Whether what is remembered of other projects may help in this one; their text can then appear in suggestions.",
    )
    learn_in_background: bool = setting(
        False,
        "Whether the network may adapt to the open folders while nobody types and the machine is not on battery.",
    )
    learn_minutes: float = setting(10.0, "How long such a run may take.", 0.1, 600)
    states_bytes: int = setting(
        16 << 20, "Memory for what the network has read of all open documents together.", 1, 2**40
    )
    ledger: bool = setting(
        True, "Whether it is counted, on this machine alone, what became of suggestions; see `foretype stats`."
    )

    def __post_init__(self) -> None:
        for one in fields(self):
            low, high = one.metadata["low"], one.metadata["high"]
            if low is not None and not low <= getattr(self, one.name) <= high:
                raise ValueError(f"must be between {low} and {high}, got {getattr(self, one.name)}")

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


_SAID_BESIDE = frozenset({"editorInfo", "editorPluginInfo"})
"""What clients of other completion servers say of themselves among the initialization options."""


def are_ours(values: object) -> bool:
    """Tell whether a client's JSON is about us; some editors send what all their servers are to know, or nothing."""
    if not isinstance(values, Mapping) or _SECTION in values:
        return True
    return any(not isinstance(value, Mapping) for value in values.values())  # no setting of ours is an object


def parse(values: object) -> tuple[Settings, list[str]]:
    """Return the settings in a client's JSON and a sentence for each value that was not used."""
    if isinstance(values, Mapping) and _SECTION in values:
        values = values[_SECTION]
    if values is None:
        return Settings(), []
    if not isinstance(values, Mapping):
        return Settings(), [f"settings must be an object, got {type(values).__name__}"]
    known = {camel(one.name): one for one in fields(Settings)}
    accepted: dict[str, Any] = {}
    problems = []
    for key, value in values.items():
        if key in _SAID_BESIDE:
            continue
        if key not in known:
            problems.append(f"unknown setting {key!r}")
            continue
        one = known[key]
        try:
            typed: Any = _typed(value, one.default)
            Settings(**{one.name: typed})
        except ValueError as error:
            problems.append(f"{key}: {error}; using {one.default!r}")
        else:
            accepted[one.name] = typed
    return Settings(**accepted), problems


def _typed(value: object, default: object) -> object:
    if isinstance(default, tuple):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise ValueError("expected a list of strings")
        return tuple(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        raise ValueError(f"expected {type(default).__name__}, got {type(value).__name__}")
    return value


def camel(name: str) -> str:
    """Return the name by which editors know a setting."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
