"""Bring the archives of packages to a folder, with clients of their registries, and check every one of them.

An archive that is there with the right digest is not fetched again. Nothing of a package is run or unpacked: source
distributions come through unearth, since pip would ask each package's build for its metadata.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from foretype.model.errors import UserError
from foretype.training.base.manifest import Package

_CHUNK_BYTES = 1 << 20

_CLIENTS: dict[str, Callable[[Package], list[str]]] = {
    "pypi": lambda package: [
        *(sys.executable, "-m", "unearth", "--no-binary", "--python-version", package.python, "--download", "."),
        f"{package.name}=={package.version}",
    ],
    "npm": lambda package: ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
    "debian": lambda package: [
        *("apt-get", "source", "--quiet=2", "--download-only", "--tar-only"),
        f"{package.name}={package.version}",
    ],
}


def archive_path(folder: Path, package: Package, archive: str) -> Path:
    """Return where an archive of a package lies below `folder`."""
    return folder / package.registry / archive


def fetch(package: Package, folder: Path) -> bool:
    """Fetch what is missing of a package; return whether anything was.

    A client that fails, and an archive whose digest is not the manifest's, raise UserError.
    """
    wanted = dict(zip(package.archives, package.sha256, strict=True))
    if all(_is_whole(archive_path(folder, package, archive), digest) for archive, digest in wanted.items()):
        return False
    command = _CLIENTS[package.registry](package)
    with TemporaryDirectory(prefix="foretype-fetch-") as scratch:
        _run(command, Path(scratch), package)
        for archive, digest in wanted.items():
            found = Path(scratch) / archive
            if not found.is_file():
                raise UserError(f"{package.name} {package.version}: {command[0]} did not bring {archive}")
            if not _is_whole(found, digest):
                raise UserError(f"{archive} of {package.name} is not the one of the manifest: its digest differs")
            target = archive_path(folder, package, archive)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(found, target)
    return True


def _is_whole(path: Path, digest: str) -> bool:
    return path.is_file() and _sha256(path) == digest


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _run(command: Sequence[str], folder: Path, package: Package) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise UserError(f"{package.name} comes from {package.registry}, and there is no {command[0]} here") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr or error.stdout or "no output").strip().splitlines()[-1:]
        raise UserError(f"{package.name} {package.version} could not be fetched: {' '.join(last)[:300]}") from None
