"""The configurations that docs/editors/others.md shows are the files in editors/."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHOWN = dict(
    re.findall(
        r'^```\w+ title="([^"]+)"\n(.*?)^```$',
        (ROOT / "docs" / "editors" / "others.md").read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
)


@pytest.mark.parametrize(
    "path",
    ["helix/languages.toml", "coc/coc-settings.json", "kate/lspclient.json", "sublime/LSP.sublime-settings"],
)
def test_a_configuration_is_shown_as_it_is(path: str) -> None:
    assert SHOWN[Path(path).name] == (ROOT / "editors" / path).read_text(encoding="utf-8")
