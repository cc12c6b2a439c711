"""Fuzz the readers, led by what the bytes reach: `python -m tests.reliability.fuzz memory 60`, seconds last.

Needs atheris (`pip install atheris`), which runs libFuzzer on Python's own bytecode; without it says so and does
nothing. `make fuzz` runs the same targets with hypothesis first.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

TARGETS = ("framing", "document", "settings", "model", "memory")


def main(name: str, seconds: int) -> None:
    """Fuzz one target; ends the process."""
    try:
        atheris: Any = importlib.import_module("atheris")
    except ModuleNotFoundError:
        sys.stdout.write(f"{name}: skipped, atheris is not installed\n")
        return
    with atheris.instrument_imports(include=["foretype"]):
        from tests.reliability.targets import all_targets
    target = all_targets(Path(tempfile.gettempdir()) / f"foretype-fuzz-{os.getpid()}")[name]
    atheris.Setup(
        [sys.argv[0], f"-max_total_time={seconds}", "-max_len=4096", "-verbosity=0", "-print_final_stats=1"], target
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
