"""The language of a file, by its name alone."""

from __future__ import annotations

import pytest

from foretype.model.language import language_of


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("src/app.py", "python"),
        ("/x/main.go", "go"),
        ("lib.rs", "rust"),
        ("a.ts", "ts"),
        ("Makefile", "makefile"),
        ("Dockerfile", "dockerfile"),
        ("README.md", "markdown"),
        ("x.unheard-of", ""),
        ("", ""),
    ],
)
def test_the_name_decides(path: str, language: str) -> None:
    assert language_of(path) == language


def test_the_answer_does_not_depend_on_the_folder() -> None:
    assert language_of("python/a.go") == language_of("a.go")
