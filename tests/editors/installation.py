"""Editors for tests, installed below `build/editors` by the script `install.sh` in an editor's folder.

A script gets the folder to fill as its argument and runs once for each version of itself. It ends with 77 where the
editor cannot be had (another system, no network): the tests are then skipped, and say so.
"""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

_CANNOT_BE_HAD = 77
_EDITORS = Path(__file__).parent
_INSTALLED = _EDITORS.parents[1] / "build" / "editors"


def installed(name: str) -> Path:
    """Return the folder of an editor, installing it if need be; skip the test where it cannot be had."""
    script, folder = _EDITORS / name / "install.sh", _INSTALLED / name
    stamp, digest = folder / ".installed", hashlib.sha256(script.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    command = ["bash", str(script), str(folder)]
    with (folder / "install.log").open("w") as log:
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False).returncode
    said = (folder / "install.log").read_text().strip().splitlines()[-1:]
    if code == _CANNOT_BE_HAD:
        pytest.skip(f"{name} cannot be had here: {' '.join(said)}")
    assert code == 0, f"installing {name} failed, see {folder / 'install.log'}: {' '.join(said)}"
    stamp.write_text(digest)
    return folder
