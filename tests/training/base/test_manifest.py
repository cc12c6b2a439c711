"""The manifest: complete to the version, permissive to the last package."""

from __future__ import annotations

import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from foretype.training.base.manifest import PERMISSIVE, Package, packages


def package(**changes: object) -> Package:
    values: dict[str, object] = {
        "registry": "npm",
        "name": "left",
        "version": "1.0.0",
        "licence": "MIT",
        "languages": ("javascript",),
        "archives": ("left-1.0.0.tgz",),
        "sha256": ("0" * 64,),
    }
    return Package(**{**values, **changes})  # type: ignore[arg-type]


def test_every_package_is_pinned_and_its_archives_have_digests() -> None:
    for one in packages():
        assert one.name
        assert re.fullmatch(r"[0-9][0-9A-Za-z.+~:-]*", one.version), one
        assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in one.sha256), one
        assert all("/" not in archive for archive in one.archives), one


def test_no_package_is_listed_twice_and_none_is_both_learnt_from_and_held_out() -> None:
    names = Counter((one.registry, one.name) for one in packages())
    assert [name for name, count in names.items() if count > 1] == []
    assert sum(one.held_out for one in packages()) >= 30


def test_the_notice_names_every_licence_that_may_be_learnt_from() -> None:
    notice = (Path(__file__).parents[3] / "NOTICE").read_text(encoding="utf-8")
    assert [licence for licence in sorted(PERMISSIVE) if not re.search(rf"\b{re.escape(licence)}\b", notice)] == []


def test_the_manifest_names_no_hosts() -> None:
    text = files("foretype.training.base").joinpath("manifest.toml").read_text(encoding="utf-8")
    assert "://" not in text


@pytest.mark.parametrize("licence", ["GPL-3.0", "MIT AND LGPL-2.1", "proprietary", ""])
def test_a_licence_that_asks_for_more_than_a_notice_is_refused(licence: str) -> None:
    with pytest.raises(ValueError, match="no licence to learn from"):
        package(licence=licence)


def test_an_unknown_registry_or_a_missing_digest_is_refused() -> None:
    with pytest.raises(ValueError, match="registry must be one of"):
        package(registry="cran")
    with pytest.raises(ValueError, match="one sha256 for each archive"):
        package(sha256=())
