"""The packages that the base model learns from, as `manifest.toml` beside this file lists them.

Knows nothing of how they are fetched or read.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Literal, get_args

Registry = Literal["pypi", "npm", "debian"]

PERMISSIVE = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC-BY-4.0", "CC0-1.0", "curl", "ISC", "MIT",
        "MIT-0", "MPL-2.0", "PSF-2.0", "PostgreSQL", "Ruby", "Unlicense", "Zlib", "public-domain",
    }
)  # fmt: skip
"""SPDX identifiers that may be learnt from. Ruby stands for the BSD half of its two licences."""


@dataclass(frozen=True, slots=True)
class Package:
    """Name one package; a registry or licence that is not allowed raises ValueError."""

    registry: Registry
    name: str
    version: str
    licence: str
    """SPDX identifiers joined by AND."""
    languages: tuple[str, ...]
    archives: tuple[str, ...]
    sha256: tuple[str, ...]
    """Of each archive."""
    share: float = 1.0
    """How often its text is read, relative to others."""
    held_out: bool = False
    """Whether it is only ever scored."""
    max_mb: float | None = None
    prefer: tuple[str, ...] = ()
    prose: str | None = None
    python: str = "3.13"
    """Which Python is named as asking; some packages refuse older ones, some newer ones."""
    exclude: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.registry not in get_args(Registry):
            raise ValueError(f"{self.name}: registry must be one of {get_args(Registry)}, got {self.registry!r}")
        strange = set(self.licence.split(" AND ")) - PERMISSIVE
        if strange:
            raise ValueError(f"{self.name}: {', '.join(sorted(strange))} is no licence to learn from")
        if not self.archives or len(self.archives) != len(self.sha256):
            raise ValueError(f"{self.name}: expected one sha256 for each archive")


def packages() -> list[Package]:
    """Return all packages of the manifest, those held out last."""
    text = files("foretype.training.base").joinpath("manifest.toml").read_text(encoding="utf-8")
    return [_package(values) for values in tomllib.loads(text)["package"]]


def _package(values: dict[str, object]) -> Package:
    frozen = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    return Package(**frozen)  # type: ignore[arg-type]  # __post_init__ and the tests look at what counts
