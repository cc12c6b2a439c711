"""Write the version of version.py into what must state one for its editor: `python editors/versions.py`."""

from __future__ import annotations

import re
from pathlib import Path

from foretype.model.version import VERSION

HERE = Path(__file__).resolve().parent

# file -> what precedes its versions; in npm's files the package's own come first, once in one and twice in the other
STATED = {
    "vscode/package.json": (r'^(  "version": ")[^"]+', 1),
    "vscode/package-lock.json": (r'^((?:  |      )"version": ")[^"]+', 2),
    "emacs/foretype.el": (r"^(;; Version: )\S+", 1),
}


def stamped(name: str) -> str:
    """Return what the file called `name`, a path below editors/, should be."""
    pattern, count = STATED[name]
    text = (HERE / name).read_text(encoding="utf-8")
    found, times = re.subn(pattern, rf"\g<1>{VERSION}", text, count=count, flags=re.MULTILINE)
    if times != count:
        raise ValueError(f"{name}: expected a version in {count} places, found {times}")
    return found


def write() -> None:
    """Bring every file up to date."""
    for name in STATED:
        (HERE / name).write_text(stamped(name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
