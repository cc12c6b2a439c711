"""What cannot be done for a moment is done a moment later, and what cannot be done at all is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from foretype.model.patience import patiently


def refusing(times: int, act: Callable[[], object]) -> Callable[[], object]:
    """Return what does `act` after it was refused some times, as Windows refuses while a reader has a file open."""
    left = [times]

    def attempt() -> object:
        if left[0] > 0:
            left[0] -= 1
            raise PermissionError(13, "used by another process")
        return act()

    return attempt


def test_a_file_that_a_reader_has_open_is_replaced_once_it_is_let_go(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("old")
    new.write_text("new")
    assert patiently(refusing(3, lambda: new.replace(old)), seconds=60) == old
    assert old.read_text() == "new"


def test_who_may_never_is_told_in_the_end() -> None:
    with pytest.raises(PermissionError, match="another process"):
        patiently(refusing(10**9, lambda: None), seconds=0.05)


def test_other_failures_are_told_at_once() -> None:
    with pytest.raises(FileNotFoundError):
        patiently(Path("nowhere").read_bytes, seconds=1e9)
