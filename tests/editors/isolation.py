"""An environment for an editor that touches nobody's own files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from foretype.model.registry import DATA_DIR_VARIABLE


def isolated_environment(folder: Path) -> dict[str, str]:
    """Return an environment with a home below `folder`; `foretype` is this checkout's and serves the shipped base."""
    home = folder / "home"
    folders = {name: home / name.lower() for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    for one in (home, *folders.values()):
        one.mkdir(parents=True)
    return {
        **os.environ,
        **{name: str(one) for name, one in folders.items()},
        "HOME": str(home),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        DATA_DIR_VARIABLE: str(folder / "data"),
    }
