"""Make shards of hand-written, permissively licensed text from the archives of the manifest's packages.

Held-out packages come first, so that whatever repeats their text is kept out of training. Each file says why it was
left out, and the counts by reason are the result.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from hashlib import sha1
from pathlib import Path

from foretype.model import secrets
from foretype.model.language import language_of
from foretype.training import archive, handwritten, shards
from foretype.training.base.fetch import archive_path
from foretype.training.base.manifest import Package
from foretype.training.near_duplicates import Seen
from foretype.training.shards import ShardedText, ShardWriter

_LICENCE_HEAD_BYTES = 3500

_COPYLEFT = re.compile(
    rb"GNU (Lesser |Library |Affero )?General Public Licen[cs]e|GNU Free Documentation|Eclipse Public License"
    rb"|SPDX-License-Identifier: *\(?(A?GPL|LGPL|EPL|CDDL|CC-BY-SA|GFDL|BUSL|SSPL)"
    rb"|Common Development and Distribution|Attribution-Share",
    re.IGNORECASE,
)
_PERMISSIVE_TOO = re.compile(
    rb"Apache License|MIT License|BSD license|\bOR (MIT|BSD|Apache)|Mozilla Public|Permission is hereby granted"
    rb"|Redistribution and use in source",
    re.IGNORECASE,
)
_LICENCE_NAME = re.compile(r"(^|/)(licen[cs]e|copying|copyright|notice|patents|unlicense)[^/]*$", re.IGNORECASE)
_BOOK = re.compile(rb"\*\*\* ?START OF TH.*?\*\*\*(.*)\*\*\* ?END OF TH", re.DOTALL)
"""What Project Gutenberg puts around a book is not the book's text."""
_TAG = re.compile(rb"<[^<>]{1,200}>")
_WRAP_COLUMNS = 80


@dataclass(slots=True)
class Built:
    """Count what a build made."""

    documents: int = 0
    train_bytes: int = 0
    held_out_bytes: int = 0
    secrets: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    """Bytes of training text by language."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Files by reason."""


def build(
    packages: Sequence[Package], archives: Path, folder: Path, watch: Callable[[Package], None] = lambda _: None
) -> Built:
    """Write `folder`/train and `folder`/held_out, which must not exist; `watch` sees each package as it begins."""
    built, seen = Built(), Seen()
    with shards.new_shards(folder / "held_out") as held_out, shards.new_shards(folder / "train") as train:
        for package in sorted(packages, key=lambda package: not package.held_out):
            watch(package)
            _add(package, archives, held_out if package.held_out else train, seen, built)
        built.train_bytes, built.held_out_bytes = train.nbytes, held_out.nbytes
    return built


def _add(package: Package, archives: Path, writer: ShardWriter, seen: Seen, built: Built) -> None:
    limit = float("inf") if package.max_mb is None else package.max_mb * 1e6
    taken = 0
    for path, text in _ordered(package, _candidates(package, archives, built)):
        if taken + len(text) > limit:
            built.left_out["over the package's cap"] += 1
            continue
        if (repeated := seen.add(text)) is not None:
            built.left_out[repeated] += 1
            continue
        clean, found = secrets.scrub(text)
        writer.add(ShardedText(path, package.name, clean))
        taken += len(clean)
        built.documents += 1
        built.secrets += found
        if not package.held_out:
            built.languages[language_of(path) or "prose"] += len(clean)


def _candidates(package: Package, archives: Path, built: Built) -> Iterator[tuple[str, bytes]]:
    prose = None if package.prose is None else re.compile(package.prose)
    for name in package.archives:
        for member, content in archive.members(archive_path(archives, package, name)):
            path = member.partition("/")[2] or member  # below the folder that holds everything
            if prose is not None and prose.search(path):
                yield path, book(content)
            elif (reason := _refusal(package, path, content)) is None:
                yield path, content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
            else:
                built.left_out[reason] += 1


def _ordered(package: Package, files: Iterator[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Return a package's files in an order that has nothing to do with their folders, preferred languages first."""
    return sorted(
        files,
        key=lambda file: (
            language_of(file[0]) not in package.prefer,
            sha1(file[0].encode("utf-8", "surrogateescape"), usedforsecurity=False).digest(),
        ),
    )


def _refusal(package: Package, path: str, content: bytes) -> str | None:
    if any(fnmatch(path, pattern) or path.startswith(pattern) for pattern in package.exclude):
        return "excluded"
    if _LICENCE_NAME.search(path):
        return "licence text"
    if not language_of(path):
        return "unknown language"
    head = content[:_LICENCE_HEAD_BYTES]
    if _COPYLEFT.search(head) and not _PERMISSIVE_TOO.search(head):
        return "another licence"
    return handwritten.refusal(path, content)


def book(content: bytes) -> bytes:
    """Return the running text of a book: without what was put around it and without tags, long lines wrapped."""
    match = _BOOK.search(content)
    bare = _TAG.sub(b"", match[1] if match else content)
    text = bare.decode("utf-8", "replace").replace("\r\n", "\n")
    lines = [wrapped for line in text.split("\n") for wrapped in _wrap(line)]
    return "\n".join(lines).strip("\n").encode() + b"\n"


def _wrap(line: str) -> list[str]:
    return textwrap.wrap(line, _WRAP_COLUMNS) if len(line) > 2 * _WRAP_COLUMNS else [line.rstrip()]
