"""Make a virtual environment and install packages into it: `environment.py FOLDER PACKAGE...`.

Run by the extension in a terminal that the user sees, after they asked for it.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path


def main(folder: Path, packages: list[str]) -> int:
    """Return pip's exit code."""
    if sys.version_info < (3, 11):
        print(f"Foretype needs Python 3.11 or newer, this is {sys.version.split()[0]}")
        return 1
    print(f"making a virtual environment in {folder}")
    venv.create(folder, with_pip=True)
    interpreter = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    print(f"pip install {' '.join(packages)}")
    return subprocess.run([interpreter, "-m", "pip", "install", "--upgrade", *packages], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
