"""The native library: one of another version is refused before it reads memory that is laid out otherwise."""

from __future__ import annotations

import pytest

from foretype.model import native
from foretype.model.errors import UserError


def test_a_library_of_another_version_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "_INTERFACE", 0)
    with pytest.raises(UserError, match="of another version"):
        native.library.__wrapped__()


def test_the_library_that_was_built_with_this_package_is_taken() -> None:
    assert native.shape().structures == native.N_STRUCTURES
