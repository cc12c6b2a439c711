"""Read the files in an archive one after another, without unpacking anything to disk.

Tar in any compression, and zip. Links, devices and files of absurd size are passed over: an archive from a stranger
can neither write anywhere nor fill the memory.
"""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from foretype.model.errors import UserError

MAX_MEMBER_BYTES = 8 << 20


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (path within the archive, content) of every regular file; a damaged archive raises UserError."""
    try:
        yield from _zip(path) if zipfile.is_zipfile(path) else _tar(path)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise UserError(f"{path} cannot be read as an archive ({error})") from error


def _zip(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if not info.is_dir() and info.file_size <= MAX_MEMBER_BYTES:
                with archive.open(info) as file:
                    yield info.filename, file.read(MAX_MEMBER_BYTES)


def _tar(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            if member.isreg() and member.size <= MAX_MEMBER_BYTES:
                file = archive.extractfile(member)
                if file is not None:
                    yield member.name.removeprefix("./"), file.read()
