"""Print a lock: what pip would install here, each by name, version and the digest of the one file that it would take.

Reads pip's report (`pip install --dry-run --report`) from standard input; see `make lock`. Where a file came from is
not written: whoever installs asks their own index, and the digest says whether it is the same file. Torch stands in a
comment, without a digest: its builds for CPUs and for GPUs have one version and different files and parts.
"""

from __future__ import annotations

import json
import sys
from typing import Any

_NO_DIGEST = "torch"


def main() -> None:
    """Translate the report."""
    report: dict[str, Any] = json.load(sys.stdin)
    lines = sorted(line for one in report["install"] if "archive_info" in one["download_info"] for line in [_line(one)])
    print("\n".join(lines))  # noqa: T201


def _line(one: dict[str, Any]) -> str:
    name, version = one["metadata"]["name"].lower(), one["metadata"]["version"]
    if name == _NO_DIGEST:
        return f"# {name}=={version.partition('+')[0]}"
    return f"{name}=={version} --hash=sha256:{one['download_info']['archive_info']['hashes']['sha256']}"


if __name__ == "__main__":
    main()
