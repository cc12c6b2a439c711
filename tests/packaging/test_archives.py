"""The plugins that need no build, as archives of a release."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from tests.packaging.scripts import script

from foretype.model.version import VERSION

ROOT = Path(__file__).parents[2]


archives = script("archives")


@pytest.mark.parametrize(
    ("plugin", "entry"),
    [("neovim", "plugin/foretype.lua"), ("vim", "plugin/foretype.vim"), ("emacs", "foretype.el")],
)
def test_an_archive_holds_one_folder_with_the_plugin_and_the_licence(plugin: str, entry: str, tmp_path: Path) -> None:
    written = {path.name: path for path in archives.write(tmp_path)}
    with tarfile.open(written[f"foretype-{plugin}-{VERSION}.tar.gz"]) as tar:
        names = tar.getnames()
        tar.extractall(tmp_path / "site", filter="data")
    assert {f"foretype/{entry}", "foretype/LICENSE", "foretype/README.md"} <= set(names)
    assert {name.split("/")[0] for name in names} == {"foretype"}
    unpacked = tmp_path / "site" / "foretype" / entry
    assert unpacked.read_bytes() == (ROOT / "editors" / plugin / entry).read_bytes()


def test_the_same_files_give_the_same_bytes_whenever_they_were_written(tmp_path: Path) -> None:
    first = [path.read_bytes() for path in archives.write(tmp_path / "first")]
    assert [path.read_bytes() for path in archives.write(tmp_path / "second")] == first
