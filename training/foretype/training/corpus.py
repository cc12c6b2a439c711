"""Find the text files under the paths a user names, and say why others were left out.

Respects `.gitignore` and `.foretypeignore` as git does, follows no links, and never opens files that hold keys.
Knows nothing of networks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from hashlib import blake2b
from pathlib import Path

from pathspec import GitIgnoreSpec

from foretype.model.errors import UserError
from foretype.model.language import header_of

MAX_FILE_BYTES = 1 << 20
"""A larger file is data or generated, hardly ever written by hand."""

_IGNORE_FILES = (".gitignore", ".foretypeignore")
_VENDORED = frozenset({"node_modules", "__pycache__", "site-packages", "venv"})
_PRIVATE = (
    ".env", ".env.*", "*.env", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.kdbx", "*.ppk", "*.gpg", "*.asc",
    "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", ".netrc", "_netrc", ".npmrc", ".pypirc", ".pgpass",
    ".git-credentials", ".htpasswd", "credentials", "credentials.json",
    "secrets.json", "secrets.toml", "secrets.y*ml", "secrets.ini", "secrets.txt",
)  # fmt: skip


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
    for root in paths:
        if not root.exists():
            raise UserError(f"{root} does not exist")
        for path, key in _candidates(root.resolve(), left_out):
            text, reason = _read_text(path)
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


def _candidates(root: Path, left_out: Counter[str]) -> Iterator[tuple[Path, str]]:
    if root.is_file():
        yield root, root.name
    else:
        above = _rules_above(root)
        # a folder that its repository ignores was named all the same, so the user wants it: an installed package, say
        yield from _walk(root, root, [] if _ignored(root, above) else above, left_out)


def _walk(
    folder: Path, root: Path, rules: list[tuple[Path, GitIgnoreSpec]], left_out: Counter[str]
) -> Iterator[tuple[Path, str]]:
    rules = rules + _rules_of(folder)
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        left_out["unreadable"] += 1
        return
    for entry in entries:
        if entry.is_symlink():
            left_out["link"] += 1
        elif entry.is_dir():
            if entry.name not in _VENDORED and not entry.name.startswith(".") and not _ignored(entry, rules):
                yield from _walk(entry, root, rules, left_out)
        elif any(fnmatch(entry.name.lower(), pattern) for pattern in _PRIVATE):
            left_out["private"] += 1
        elif _ignored(entry, rules):
            left_out["ignored"] += 1
        elif entry.is_file():
            yield entry, entry.relative_to(root).as_posix()


def _rules_above(root: Path) -> list[tuple[Path, GitIgnoreSpec]]:
    """Return the rules that hold in `root` because it lies within a repository, the outermost first."""
    above: list[Path] = []
    for folder in (root, *root.parents):
        if (folder / ".git").exists():
            return [rule for outer in reversed(above) for rule in _rules_of(outer)]
        above.append(folder.parent)
    return []


def _rules_of(folder: Path) -> list[tuple[Path, GitIgnoreSpec]]:
    found = []
    for name in _IGNORE_FILES:
        try:
            lines = (folder / name).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            continue
        found.append((folder, GitIgnoreSpec.from_lines(lines)))
    return found


def _ignored(path: Path, rules: list[tuple[Path, GitIgnoreSpec]]) -> bool:
    """Tell whether the innermost rule that says anything about `path` excludes it."""
    for folder, spec in reversed(rules):
        name = path.relative_to(folder).as_posix() + ("/" if path.is_dir() else "")
        verdict = spec.check_file(name).include
        if verdict is not None:
            return bool(verdict)
    return False


def _read_text(path: Path) -> tuple[bytes | None, str]:
    """Return (text, "") or (None, why not)."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return None, "too large"
        content = path.read_bytes()
    except OSError:
        return None, "unreadable"
    if b"\0" in content:
        return None, "binary"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None, "not UTF-8"
    if not text.strip():
        return None, "empty"
    return text.replace("\r\n", "\n").replace("\r", "\n").encode(), ""


def _split_file(file: SourceFile, held_out_share: float) -> tuple[Corpus, Corpus]:
    cut = file.text.rfind(b"\n", 0, int(len(file.text) * (1 - held_out_share))) + 1
    if cut == 0:
        raise UserError(f"{file.path} is a single line; name more text to learn from")
    head = SourceFile(file.path, file.key, file.text[:cut])
    tail = SourceFile(file.path, file.key, file.text[cut:])
    return Corpus((head,)), Corpus((tail,))


def _hash(key: str) -> int:
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
