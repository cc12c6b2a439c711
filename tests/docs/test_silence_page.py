"""docs/silence.md has every reason for silence, with what it means and what to do."""

from __future__ import annotations

import re
from pathlib import Path

from foretype.model.reason import Reason
from foretype.server.settings import Settings, camel

PAGE = (Path(__file__).parents[2] / "docs" / "silence.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([a-z_]+)` \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)


def test_every_reason_has_one_row_and_every_row_a_reason() -> None:
    assert sorted(code for code, _, _ in ROWS) == sorted(reason.value for reason in Reason)


def test_every_row_says_in_sentences_what_it_means_and_what_to_do() -> None:
    assert [code for code, meaning, advice in ROWS if not (meaning.endswith(".") and advice.endswith("."))] == []


def test_every_setting_that_is_named_exists() -> None:
    named = set(re.findall(r"\[`(\w+)`\]\(settings\.md\)", PAGE))
    assert {"eagerness", "disabledLanguages"} <= named
    assert named <= {camel(name) for name in Settings.__dataclass_fields__}
