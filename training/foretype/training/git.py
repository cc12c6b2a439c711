"""A git repository, read through git's own plumbing: which commits there are, what they changed, what files said.

Nothing is checked out, written or fetched, and no configuration or attribute of the repository has a program run.
Source of the formats: git's documentation of `diff-tree` ("RAW OUTPUT FORMAT") and `cat-file` ("BATCH OUTPUT").
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Self

from foretype.model.errors import UserError

_FILE_MODES = ("100644", "100755")
"""Of regular files; links, folders and other repositories have others."""
_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_LAST_SECOND = 253_402_300_799
"""Of the year 9999: no calendar goes on."""
_MISLEADING = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE", "GIT_PREFIX")
"""Variables that name another repository than the one that was asked for, as hooks of git have them."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Name a commit and the state that it was made from."""

    name: str
    parent: str
    """The first parent, or the empty tree."""
    seconds: int
    """When it was committed, since 1970; as its parent was where that is not said in a way that git can read."""


@dataclass(frozen=True, slots=True)
class Change:
    """Tell how one path differs between two states; a blob is None where there is no regular file."""

    path: str
    """Below the repository's root, with forward slashes."""
    before: str | None
    after: str | None
    path_before: str
    """The same unless the file was moved or copied."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Name lines, counted from 0, that take the place of others; either range may be empty."""

    old: range
    new: range


class Repository:
    """Read the repository around a path; a context manager that ends the process that reads blobs."""

    def __init__(self, path: Path) -> None:
        """Find the repository; without one, or without git, UserError is raised."""
        folder = path if path.is_dir() else path.parent
        if not path.exists():
            raise UserError(f"{path} does not exist")
        self._folder = folder.resolve()
        inside = self._line("rev-parse", "--is-inside-work-tree") == "true"
        top = self._line("rev-parse", "--show-toplevel" if inside else "--absolute-git-dir")
        self.top = Path(top).resolve()
        self.empty_tree = self._line("hash-object", "-t", "tree", "--stdin")
        self._blobs: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Return the repository."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of git."""
        if self._blobs is not None:
            self._blobs.kill()
            self._blobs.communicate()

    def commits(self) -> list[Commit]:
        """Return the commits that led to the present one, first parents alone, the oldest first.

        Where history was cut off, the oldest is left out: what it added is not known.
        """
        try:
            self._run("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        except UserError:
            raise UserError(f"{self.top} has no commits yet") from None
        said = self._run("log", "--first-parent", "--reverse", "--no-show-signature", "--format=%H,%P,%ct", "HEAD")
        rows = [line.split(",") for line in said.decode("ascii").splitlines() if line]
        found, seconds = [], 0
        for name, parents, time in rows:
            seconds = min(int(time), _LAST_SECOND) if time else seconds
            found.append(Commit(name, (parents.split() or [self.empty_tree])[0], seconds))
        is_cut_off = self._line("rev-parse", "--is-shallow-repository") == "true"
        if is_cut_off and len(found) == 1:
            raise UserError(f"{self.top} is a shallow clone of one commit; `git fetch --unshallow` brings the others")
        return found[1:] if is_cut_off else found

    def changes(self, before: str, after: str, *, moves: bool = False) -> Iterator[Change]:
        """Yield the paths that differ between two states; with `moves` a file that was moved is one change."""
        options = ["-M", "-C"] if moves else ["--no-renames"]
        said = self._run("diff-tree", "-r", "-z", "--raw", "--no-abbrev", *options, before, after)
        fields = iter(said.split(b"\0"))
        for about in fields:
            if not about.startswith(b":"):
                continue
            mode_before, mode_after, blob_before, blob_after, status = about[1:].decode("ascii").split(" ")
            first = os.fsdecode(next(fields))
            last = os.fsdecode(next(fields)) if status[0] in "RC" else first
            yield Change(last, _blob(mode_before, blob_before), _blob(mode_after, blob_after), first)

    def blob(self, name: str, limit_bytes: int) -> bytes | None:
        """Return a file's content, None if it is larger than the limit or is not here, as in a partial clone."""
        if self._blobs is None:
            self._blobs = self._start("cat-file", "--batch")
        asked, said = self._blobs.stdin, self._blobs.stdout
        assert asked is not None
        assert said is not None
        asked.write(name.encode("ascii") + b"\n")
        asked.flush()
        about = said.readline().split()
        if len(about) != 3:
            return None
        left = int(about[2])
        content = said.read(left) if left <= limit_bytes else None
        while content is None and left > 0:
            left -= len(said.read(min(left, 1 << 20))) or left
        said.read(1)
        return content

    def hunks(self, before: str, after: str) -> list[Hunk]:
        """Return how the lines of two blobs differ; none where git takes them for binary."""
        said = self._run(
            "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--histogram", "-U0", "--inter-hunk-context=0",
            before, after, "--",
        )  # fmt: skip
        return [Hunk(_lines(row[1], row[2]), _lines(row[3], row[4])) for row in _HUNK.finditer(said)]

    def _line(self, *arguments: str) -> str:
        return os.fsdecode(self._run(*arguments)).rstrip("\n")

    def _run(self, *arguments: str) -> bytes:
        with self._start(*arguments) as process:
            said, complaint = process.communicate()
        if process.returncode != 0:
            why = " ".join(complaint.decode(errors="replace").split())
            raise UserError(f"--split git cannot read {self._folder}: {why or 'git failed'}")
        return said

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        # relative to a folder, blobs, which have no path, do not differ
        settings = ("-c", "core.fsmonitor=false", "-c", "diff.relative=false")
        command = ["git", "-C", str(self._folder), *settings, "--no-pager", *arguments]
        environment = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
        environment |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}
        pipe = subprocess.PIPE
        try:
            return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)
        except FileNotFoundError:
            raise UserError("--split git needs git, which is not installed or not on the path") from None


def is_within(path: str) -> bool:
    """Tell whether a path of a repository, which may be anybody's, leads to a place below its root."""
    parts = PurePosixPath(path).parts
    return bool(parts) and ".." not in parts and not PurePosixPath(path).is_absolute() and not Path(path).is_absolute()


def _blob(mode: str, name: str) -> str | None:
    return name if mode in _FILE_MODES else None


def _lines(first: bytes, count: bytes | None) -> range:
    """Return lines as git's hunk headers name them: an empty range is named by the line before it."""
    length = 1 if count is None else int(count)
    start = int(first) - 1 if length else int(first)
    return range(start, start + length)
