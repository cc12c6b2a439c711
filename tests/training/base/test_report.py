"""The report by language: every file counted where it belongs, the project worth something."""

from __future__ import annotations

from tests.conftest import LEARNT_TEXT

from foretype.model import mixture
from foretype.model.engine import Engine
from foretype.training.base.projects import Project
from foretype.training.base.report import PPMD, generic_text, report
from foretype.training.shards import ShardedText

TEXT = LEARNT_TEXT.encode()
PROJECTS = [
    Project("one", (("a.py", TEXT),), (("b.py", TEXT), ("c.go", b"package main\n" * 9))),
    Project("two", (("a.py", TEXT),), (("d.py", TEXT),)),
]


def test_files_are_counted_by_language_and_a_known_project_helps(learnt_engine: Engine) -> None:
    found = report(PROJECTS, learnt_engine, mixture.shipped(), {"python": TEXT})
    assert {name: (one.files, one.nbytes) for name, one in found.items()} == {
        "python": (2, 2 * len(TEXT)),
        "go": (1, 117),
    }
    costs = found["python"].per_byte()
    assert costs["foretype"] < costs["cold"]
    assert 0 < costs[PPMD] < 1
    assert PPMD not in found["go"].bits


def test_generic_text_is_collected_up_to_its_limit_for_the_languages_that_are_wanted() -> None:
    documents = [ShardedText(path, "p", b"x" * 30) for path in ("a.py", "b.py", "c.go", "d.py")]
    found = generic_text(documents, {"python", "rust"}, 50)
    assert found == {"python": b"x" * 30 + b"\0" + b"x" * 19 + b"\0"}
