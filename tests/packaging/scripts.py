"""The scripts beside the editors' plugins, as modules."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

EDITORS = Path(__file__).parents[2] / "editors"


def script(name: str) -> ModuleType:
    """Return editors/NAME.py, which belongs to no package."""
    spec = importlib.util.spec_from_file_location(name, EDITORS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
