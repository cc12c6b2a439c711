"""Fetching: only what is missing, and nothing but what the manifest says."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from foretype.model.errors import UserError
from foretype.training.base import fetch as module
from foretype.training.base.fetch import archive_path, fetch
from foretype.training.base.manifest import Package

CONTENT = b"the archive"
PACKAGE = Package(
    "npm", "left", "1.0.0", "MIT", ("javascript",), ("left-1.0.0.tgz",), (hashlib.sha256(CONTENT).hexdigest(),)
)


def use_client(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Put a program in the place of the registry's client; it runs in the folder that the client would fill."""
    monkeypatch.setitem(module._CLIENTS, "npm", lambda _: [sys.executable, "-c", program])


def test_a_missing_archive_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_client(monkeypatch, f"open('left-1.0.0.tgz', 'wb').write({CONTENT!r})")
    assert fetch(PACKAGE, tmp_path)
    assert archive_path(tmp_path, PACKAGE, "left-1.0.0.tgz").read_bytes() == CONTENT
    use_client(monkeypatch, "raise SystemExit('should not run')")
    assert not fetch(PACKAGE, tmp_path)


def test_an_archive_that_is_another_one_is_refused_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_client(monkeypatch, "open('left-1.0.0.tgz', 'wb').write(b'tampered')")
    with pytest.raises(UserError, match="its digest differs"):
        fetch(PACKAGE, tmp_path)
    assert not archive_path(tmp_path, PACKAGE, "left-1.0.0.tgz").exists()


def test_an_archive_damaged_on_disk_is_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive_path(tmp_path, PACKAGE, "left-1.0.0.tgz")
    path.parent.mkdir()
    path.write_bytes(CONTENT[:-1])
    use_client(monkeypatch, f"open('left-1.0.0.tgz', 'wb').write({CONTENT!r})")
    assert fetch(PACKAGE, tmp_path)
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ("raise SystemExit('not found: left')", "could not be fetched: not found: left"),
        ("", "did not bring left-1.0.0"),
    ],
)
def test_a_client_that_fails_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, problem: str
) -> None:
    use_client(monkeypatch, program)
    with pytest.raises(UserError, match=problem):
        fetch(PACKAGE, tmp_path)


def test_a_client_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(module._CLIENTS, "npm", lambda _: ["no-such-client"])
    with pytest.raises(UserError, match="there is no no-such-client here"):
        fetch(PACKAGE, tmp_path)
