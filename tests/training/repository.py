"""Real repositories, made by git itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

FIRST_SECONDS = 1_780_000_000
"""The first commit's time, in ISO week 22 of 2026."""
DAY_SECONDS = 24 * 3600

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


class History:
    """Make commits, one a day unless told otherwise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds = FIRST_SECONDS
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        """Run git, without anybody's configuration, and return what it says."""
        program = shutil.which("git")
        assert program is not None
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_DATE": f"@{self.seconds} +0000",
            "GIT_COMMITTER_DATE": f"@{self.seconds} +0000",
        }
        author = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always")
        command = [program, *author, *arguments]
        return subprocess.run(
            command, cwd=self.folder, check=True, env=environment, capture_output=True, text=True
        ).stdout.strip()

    def commit(self, files: Mapping[str, str | bytes | None], days: float = 1) -> str:
        """Write files, remove those that are None, commit everything and return the commit's name."""
        self.seconds += int(days * DAY_SECONDS)
        for name, text in files.items():
            path = self.folder / name
            if text is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "a message")
        return self.git("rev-parse", "HEAD")
