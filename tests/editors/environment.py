"""An environment for editors that touches nobody's own files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from foretype.model.registry import DATA_DIR_VARIABLE


def isolated_environment(folder: Path) -> dict[str, str]:
    """Return an environment with a home of its own, where `foretype` is this checkout's and serves the shipped base."""
    home = folder / "home"
    folders = {name: home / name.lower() for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    for made in (home, *folders.values()):
        made.mkdir(parents=True)
    return {
        **os.environ,
        **{name: str(made) for name, made in folders.items()},
        "HOME": str(home),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        DATA_DIR_VARIABLE: str(folder / "data"),
    }
