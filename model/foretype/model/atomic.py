"""Write files and folders so that a reader finds the old content or the new, whatever happens in between.

Beside the target, flushed to disk, then renamed over it.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foretype.model.patience import patiently

_CANNOT_FLUSH = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)
"""What shares of other machines say to a flush of a folder; see fsync(2)."""
REMOVED = "-removed"
"""How the name of a folder ends whose removal was begun; it begins with a dot."""


def write_file(path: Path, content: bytes) -> None:
    """Replace `path` with `content`; its folder is made when missing."""
    make_folder(path.parent)
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        patiently(lambda: Path(beside).replace(path))
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder and those missing above it, open to the user alone; one that is there stays as it is."""
    for folder in (*reversed([above for above in path.parents if not above.exists()]), path):
        folder.mkdir(mode=0o700, exist_ok=True)


def sweep(path: Path) -> None:
    """Remove what killed processes left of writing `path`; only where no other process writes it now."""
    for beside in path.parent.glob(f".{path.name}-*"):
        if beside.is_dir():
            shutil.rmtree(beside, ignore_errors=True)
        else:
            beside.unlink(missing_ok=True)


def remove_folder(path: Path) -> None:
    """Remove a folder such that a kill in between leaves no half of it where it was.

    OSError where that cannot be: Windows neither moves nor removes what somebody has open, and it stays whole.
    """
    beside = path.with_name(f".{path.name}{REMOVED}")
    shutil.rmtree(beside, ignore_errors=True)
    path.rename(beside)
    shutil.rmtree(beside)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a folder to fill that becomes `path`, which must not exist, only if the block ends well."""
    make_folder(path.parent)
    beside = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-"))
    try:
        yield beside
        for file in beside.iterdir():
            _flush_file(file)
        patiently(lambda: beside.rename(path))
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    _flush_folder(path.parent)


def _flush_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    if os.name == "nt":  # Windows can neither open nor flush a folder; its renames are journaled
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_FLUSH:
            raise
    finally:
        os.close(descriptor)
