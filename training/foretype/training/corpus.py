"""The text to learn from under the paths a user names, what is held out of it, and why other files were left out.

Which files are text at all is told by `foretype.model.files`. Knows nothing of networks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from foretype.model import forgotten
from foretype.model.errors import UserError
from foretype.model.files import candidates, read_text
from foretype.model.language import header_of
from foretype.model.registry import data_dir


@dataclass(frozen=True, slots=True)
class SourceFile:
    """Hold one file to learn from."""

    path: Path
    """Absolute."""
    key: str
    """Path below the folder that the user named, with forward slashes: the same on every machine."""
    text: bytes
    r"""UTF-8 with `\n` line ends."""

    @property
    def header(self) -> bytes:
        """The tokens that open it."""
        return header_of(str(self.path))


@dataclass(frozen=True, slots=True)
class Corpus:
    """Hold the files to learn from and the number of others by reason."""

    files: tuple[SourceFile, ...]
    left_out: Counter[str] = field(default_factory=Counter)

    @property
    def nbytes(self) -> int:
        """Bytes of text in all files."""
        return sum(len(file.text) for file in self.files)

    def split(self, held_out_share: float = 0.1) -> tuple[Corpus, Corpus]:
        """Return (train, held out), whole files by the hash of their key, at least one in each of two or more.

        A single file is split in two: its last tenth is held out.
        """
        if len(self.files) == 1:
            return _split_file(self.files[0], held_out_share)
        ranked = sorted(self.files, key=lambda file: _hash(file.key))
        wanted = [file for file in ranked if _hash(file.key) < held_out_share * 2**64]
        count = min(max(1, len(wanted)), len(ranked) - 1)
        held_out = set(ranked[:count])
        train = tuple(file for file in self.files if file not in held_out)
        return Corpus(train), Corpus(tuple(file for file in self.files if file in held_out))

    def fingerprint(self) -> str:
        """Return a digest of all keys and texts."""
        digest = blake2b(digest_size=16)
        for file in self.files:
            digest.update(f"{file.key}\0{len(file.text)}\0".encode())
            digest.update(file.text)
        return digest.hexdigest()

    def summary(self) -> str:
        """Return one line: how much there is, and what was left out."""
        line = f"{len(self.files)} files, {self.nbytes / 1e6:.2f} MB"
        if self.left_out:
            line += f" (left out: {_reasons(self.left_out)})"
        return line


def read(paths: Sequence[Path]) -> Corpus:
    """Return the files under `paths`; a path that is missing or holds nothing to learn from raises UserError."""
    left_out: Counter[str] = Counter()
    files: dict[bytes, SourceFile] = {}
    out = forgotten.load(data_dir())
    for root in paths:
        if not root.exists():
            raise UserError(f"{root} does not exist")
        for path, key in candidates(root.resolve(), left_out):
            if out.holds(path):
                left_out["forgotten"] += 1
                continue
            text, reason = read_text(path)
            if text is None:
                left_out[reason] += 1
                continue
            digest = blake2b(text, digest_size=16).digest()
            if digest in files:
                left_out["duplicate"] += 1
            else:
                files[digest] = SourceFile(path, key, text)
    corpus = Corpus(tuple(files.values()), left_out)
    if not files:
        shown = ", ".join(str(path) for path in paths)
        found = _reasons(left_out) or "no files"
        raise UserError(f"nothing to learn from in {shown}: found {found}; name a folder with text files")
    return corpus


def _reasons(left_out: Counter[str]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items()))


def _split_file(file: SourceFile, held_out_share: float) -> tuple[Corpus, Corpus]:
    cut = file.text.rfind(b"\n", 0, int(len(file.text) * (1 - held_out_share))) + 1
    if cut == 0:
        raise UserError(f"{file.path} is a single line; name more text to learn from")
    head = SourceFile(file.path, file.key, file.text[:cut])
    tail = SourceFile(file.path, file.key, file.text[cut:])
    return Corpus((head,)), Corpus((tail,))


def _hash(key: str) -> int:
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
