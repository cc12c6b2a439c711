"""The locks of continuous integration name everything that the project wants, each with a digest, and no host."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / ".ci").glob("*.lock"))
LOCKED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[A-Za-z0-9.!_-]+) --hash=sha256:[0-9a-f]{64}")
WITHOUT_DIGEST = re.compile(r"# (?P<name>torch)==(?P<version>[0-9.]+)")


def versions(lock: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        match = LOCKED.fullmatch(line) or WITHOUT_DIGEST.fullmatch(line)
        assert match, line
        found[canonicalize_name(match["name"])] = match["version"]
    return found


def wanted() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    lines = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    return [Requirement(line) for line in [*lines, *extras["train"], *extras["dev"], *extras["docs"]]]


@pytest.mark.parametrize("lock", LOCKS, ids=[lock.stem for lock in LOCKS])
def test_a_lock_has_a_fitting_version_of_everything_that_the_project_wants(lock: Path) -> None:
    locked = versions(lock)
    for one in wanted():
        assert one.specifier.contains(locked[canonicalize_name(one.name)]), f"{one}: `make lock`"


def test_the_platform_of_continuous_integration_has_a_lock() -> None:
    assert "Linux-x86_64-3-11" in [lock.stem for lock in LOCKS]
