"""The text to learn from under the paths a user names, what is held out of it, and why other files were left out.

Which files are text at all is told by `foretype.model.files`; of those, what was copied, generated or only stores data
is not learnt from, although the memory may hold it. Of texts that nearly repeat each other the newest is learnt.
Secrets are replaced before anybody sees a text. Knows nothing of networks.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path

from foretype.model import forgotten
from foretype.model.errors import UserError
from foretype.model.files import candidates, read_text
from foretype.model.language import header_of, language_of
from foretype.model.registry import data_dir
from foretype.model.secrets import scrub
from foretype.model.sources import digest_of
from foretype.training import handwritten
from foretype.training.near_duplicates import Seen
from foretype.training.text_store import Stored, TextStore

_HALF_LIFE_SECONDS = 180 * 86400
_LEAST_WEIGHT = 0.5
_DATA_LANGUAGES = frozenset({"", "csv", "html", "image", "json", "json5", "plain-text", "pofile", "tsv", "xml", "yaml"})
"""What stores data as often as it is written by hand; its place and its digits tell which."""
_STORED = frozenset({"data", "translation"})


@dataclass(frozen=True, slots=True)
class SourceFile:
    """Hold one file to learn from."""

    path: Path
    """Absolute."""
    key: str
    """Path below the folder that the user named, with forward slashes: the same on every machine."""
    stored: Stored
    r"""Where its text lies: UTF-8 with `\n` line ends, secrets replaced."""
    weight: float = 1.0
    """How much the file counts: 1 if it changed last of all, halved with every half year before that, at least 0.5."""
    secrets: int = 0
    """How many were replaced."""

    @property
    def place(self) -> str:
        """Its name below that of its folder: the same whatever folder around it the user names."""
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def text(self) -> bytes:
        """Its text, read anew each time."""
        return self.stored.read()

    @property
    def nbytes(self) -> int:
        """Bytes of its text."""
        return self.stored.length

    @property
    def language(self) -> str:
        """Its language by its name, an empty string where that says nothing."""
        return language_of(str(self.path))

    @property
    def header(self) -> bytes:
        """The tokens that open it."""
        return header_of(str(self.path))


@dataclass(frozen=True, slots=True)
class Corpus:
    """Hold the files to learn from, and why each of the others is not among them."""

    files: tuple[SourceFile, ...]
    refused: Mapping[Path, str] = field(default_factory=dict)
    """Reason by absolute path; a folder stands for all that lies in it."""

    @property
    def left_out(self) -> Counter[str]:
        """How many files and folders were left out by reason."""
        return Counter(self.refused.values())

    @property
    def nbytes(self) -> int:
        """Bytes of text in all files."""
        return sum(file.nbytes for file in self.files)

    def split(self, held_out_share: float = 0.1, learnt_before: Collection[str] = ()) -> tuple[Corpus, Corpus]:
        """Return (train, held out), whole files by the hash of their place, at least one in each of two or more.

        Files whose path's digest is in `learnt_before` are held out only where there are no others. A single file is
        split in two: its last tenth is held out.
        """
        if len(self.files) == 1:
            return _split_file(self.files[0], held_out_share)
        new = [file for file in self.files if digest_of(file.path) not in learnt_before]
        ranked = sorted(new or self.files, key=lambda file: _hash(file.place))
        wanted = [file for file in ranked if _hash(file.place) < held_out_share * 2**64]
        count = min(max(1, len(wanted)), len(self.files) - 1)
        held_out = set(ranked[:count])
        train = tuple(file for file in self.files if file not in held_out)
        return Corpus(train), Corpus(tuple(file for file in self.files if file in held_out))

    def fingerprint(self) -> str:
        """Return a digest of all keys and texts."""
        digest = blake2b(digest_size=16)
        for file in self.files:
            digest.update(_bytes_of(file.key) + f"\0{file.nbytes}\0".encode())
            digest.update(file.text)
        return digest.hexdigest()

    def summary(self) -> str:
        """Return one line: how much there is, and what was left out."""
        line = f"{len(self.files)} {'file' if len(self.files) == 1 else 'files'}, {self.nbytes / 1e6:.2f} MB"
        if self.left_out:
            line += f" (left out: {_reasons(self.left_out)})"
        return line


def read(paths: Sequence[Path]) -> Corpus:
    """Return the files under `paths`; a path that is missing or holds nothing to learn from raises UserError."""
    corpus = survey(paths)
    if not corpus.files:
        shown = ", ".join(str(path) for path in paths)
        found = _reasons(corpus.left_out) or "no files"
        raise UserError(f"nothing to learn from in {shown}: found {found}; name a folder with text files")
    return corpus


def survey(paths: Sequence[Path]) -> Corpus:
    """Return what there is to learn from under `paths`, which may be nothing; a missing path raises UserError."""
    refused: dict[Path, str] = {}
    found: dict[Path, SourceFile] = {}
    out, store = forgotten.load(data_dir()), TextStore(data_dir())
    for root in paths:
        if not root.exists():
            raise UserError(f"{root} does not exist")
        for path, key in candidates(root.resolve(), refused):
            if out.holds(path):
                refused[path] = "forgotten"
            elif path not in found and (file := _read(path, key, store, root.is_file(), refused)) is not None:
                found[path] = file
    changed = _changed(found, refused)
    for path in _repeated(found, changed, refused):
        del found[path]
    newest = max((changed[path] for path in found), default=0.0)
    files = tuple(replace(file, weight=_weight(file, newest - changed[path])) for path, file in found.items())
    return Corpus(files, refused)


def _read(path: Path, key: str, store: TextStore, is_named: bool, refused: dict[Path, str]) -> SourceFile | None:
    """Return one file, None if it is not learnt from; what the user named may be long and need not be hand-written."""
    text, reason = read_text(path, is_named=is_named)
    if text is not None and not is_named:
        reason = _refusal(key, text) or ""
    if text is None or reason:
        refused[path] = reason
        return None
    clean, secrets = scrub(text)
    return SourceFile(path, key, store.add(clean), secrets=secrets)


def _changed(found: dict[Path, SourceFile], refused: dict[Path, str]) -> dict[Path, float]:
    """Return when each file was changed last; one that has gone since it was read is taken out."""
    changed = {}
    for path in list(found):
        try:
            changed[path] = path.stat().st_mtime
        except OSError:
            del found[path]
            refused[path] = "unreadable"
    return changed


def _refusal(key: str, text: bytes) -> str | None:
    reasons = [handwritten.refusal_of_path(key), handwritten.refusal_of_origin(text)]
    if language_of(key) not in _DATA_LANGUAGES:
        # a folder `datasets` with source code in it is code about data, and a table of numbers may be code as well
        reasons = [reason for reason in reasons if reason not in _STORED]
    return next(filter(None, reasons), None)


def _repeated(found: Mapping[Path, SourceFile], changed: Mapping[Path, float], refused: dict[Path, str]) -> list[Path]:
    """Return the files whose text a newer one has as well, or nearly so."""
    seen = Seen()
    repeated = {}
    for path in sorted(found, key=lambda path: (-changed[path], found[path].key)):
        if (reason := seen.add(found[path].text)) is not None:
            repeated[path] = reason
    refused |= repeated
    return list(repeated)


def _weight(file: SourceFile, age_seconds: float) -> float:
    if file.language in _DATA_LANGUAGES:
        return _LEAST_WEIGHT
    return max(_LEAST_WEIGHT, math.exp2(-age_seconds / _HALF_LIFE_SECONDS))


def _reasons(left_out: Counter[str]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items()))


def _split_file(file: SourceFile, held_out_share: float) -> tuple[Corpus, Corpus]:
    cut = file.text.rfind(b"\n", 0, int(file.nbytes * (1 - held_out_share))) + 1
    if cut == 0:
        raise UserError(f"{file.path} is a single line; name more text to learn from")
    parts = (file.stored.part(0, cut), file.stored.part(cut, file.nbytes))
    learnt, held_out = (Corpus((replace(file, stored=part),)) for part in parts)
    return learnt, held_out


def _hash(place: str) -> int:
    return int.from_bytes(blake2b(_bytes_of(place), digest_size=8).digest(), "big")


def _bytes_of(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")  # a name need not be UTF-8
