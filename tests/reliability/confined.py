"""Commands that run where something is missing: room on the disk, the right to write, a network.

Linux' own namespaces do that without a mock and without a password, where the system permits them. Other systems lack
them; there the tests are skipped and say so.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

_READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
_FULL = """
before=$1 data=$2 after=$3 room=$4
shift 4
size=$(( $(du -sk "$before" | cut -f 1) + room ))
mount -t tmpfs -o size=${size}k none "$data" && cp -a "$before/." "$data/" || exit 99
"$@"
code=$?
cp -a "$data/." "$after/"
exit $code
"""


@cache
def refusal() -> str:
    """Return why there are no namespaces here, an empty string if there are."""
    if sys.platform != "linux":
        return f"{sys.platform} has no namespaces"
    try:
        tried = subprocess.run(["unshare", "-rmn", "true"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unshare is not installed"
    return "" if tried.returncode == 0 else f"the system permits no namespaces: {tried.stderr.strip()}"


def read_only(data: Path, command: Sequence[str]) -> list[str]:
    """Return a command that runs `command` where nothing below `data` can be written, whoever runs it."""
    return ["unshare", "-rm", "sh", "-c", _READ_ONLY, "sh", str(data), *command]


def full(before: Path, data: Path, after: Path, room_kilobytes: int, command: Sequence[str]) -> list[str]:
    """Return a command that runs `command` with a copy of `before` as `data`, on a disk with that much room.

    What is left is copied to `after`.
    """
    return ["unshare", "-rm", "sh", "-c", _FULL, "sh", *map(str, (before, data, after, room_kilobytes)), *command]


def offline(command: Sequence[str]) -> list[str]:
    """Return a command that runs `command` where there is no network, not even this machine's own."""
    return ["unshare", "-rn", *command]
