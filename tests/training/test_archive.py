"""Archives: every regular file, whatever the compression, and nothing that could do harm."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from foretype.model.errors import UserError
from foretype.training import archive

FILES = {"pkg-1.0/a.py": b"a = 1\n", "pkg-1.0/deep/b.go": b"package b\n", "pkg-1.0/empty": b""}


def make_tar(path: Path, mode: str) -> Path:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name, content in FILES.items():
            info = tarfile.TarInfo("./" + name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("pkg-1.0/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
        tar.addfile(_folder("pkg-1.0/folder"))
    return path


def _folder(name: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = tarfile.DIRTYPE
    return info


@pytest.mark.parametrize(("name", "mode"), [("a.tar", "w"), ("a.tgz", "w:gz"), ("a.tar.xz", "w:xz")])
def test_every_file_of_a_tar_is_read_and_links_are_not_followed(tmp_path: Path, name: str, mode: str) -> None:
    assert dict(archive.members(make_tar(tmp_path / name, mode))) == FILES


def test_every_file_of_a_zip_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in FILES.items():
            made.writestr(name, content)
        made.mkdir("pkg-1.0/folder")
    assert dict(archive.members(path)) == FILES


def test_a_file_too_large_to_be_text_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBER_BYTES", 8)
    assert set(dict(archive.members(make_tar(tmp_path / "a.tar", "w")))) == {"pkg-1.0/a.py", "pkg-1.0/empty"}


@pytest.mark.parametrize("content", [b"", b"garbage", None])
def test_a_damaged_archive_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = make_tar(tmp_path / "a.tgz", "w:gz")
    path.write_bytes(path.read_bytes()[:100] if content is None else content)
    with pytest.raises(UserError, match="cannot be read as an archive"):
        list(archive.members(path))
