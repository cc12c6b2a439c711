"""Pack the plugins that need no build into DIR: `python editors/archives.py DIR`.

Each archive holds one folder `foretype`, ready to be unpacked where its editor looks for packages. The same files give
the same bytes: sorted, without times, owners or the packer's umask.
"""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
from pathlib import Path

from foretype.model.version import VERSION

ROOT = Path(__file__).resolve().parents[1]
PLUGINS = ("neovim", "vim", "emacs")
_FOLDER = "foretype"
_MODE = 0o644


def contents(plugin: str) -> dict[str, bytes]:
    """Return a plugin's files by their names in the archive, the licence among them."""
    folder = ROOT / "editors" / plugin
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if _is_packed(path, folder)}
    files["LICENSE"] = ROOT / "LICENSE"
    return {f"{_FOLDER}/{name}": path.read_bytes() for name, path in sorted(files.items())}


def archive(files: dict[str, bytes]) -> bytes:
    """Return a gzipped tar of these files."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), _MODE
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)


def write(folder: Path) -> list[Path]:
    """Write all archives into `folder` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"foretype-{plugin}-{VERSION}.tar.gz" for plugin in PLUGINS]
    for plugin, path in zip(PLUGINS, paths, strict=True):
        path.write_bytes(archive(contents(plugin)))
    return paths


def _is_packed(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    # Vim writes doc/tags beside the help that is opened from a checkout
    return path.is_file() and not hidden and path.name != "tags" and path.suffix != ".elc"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("expected one folder: python editors/archives.py DIR")
    for written in write(Path(sys.argv[1])):
        sys.stdout.write(f"{written}\n")
