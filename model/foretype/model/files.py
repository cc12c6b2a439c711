"""Find the text files under a folder that may be read, and say why others may not.

Respects `.gitignore` and `.foretypeignore` as git does, follows no links, and never opens files that hold keys.
Knows nothing of what the text is for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from pathspec import GitIgnoreSpec

MAX_FILE_BYTES = 1 << 20
"""A larger file is data or generated, hardly ever written by hand."""

IGNORE_FILES = (".gitignore", ".foretypeignore")
"""Files whose rules keep others from being read."""
_VENDORED = frozenset({"node_modules", "__pycache__", "site-packages", "venv"})
_PRIVATE = (
    ".env", ".env.*", "*.env", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.kdbx", "*.ppk", "*.gpg", "*.asc",
    "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", ".netrc", "_netrc", ".npmrc", ".pypirc", ".pgpass",
    ".git-credentials", ".htpasswd", "credentials", "credentials.json",
    "secrets.json", "secrets.toml", "secrets.y*ml", "secrets.ini", "secrets.txt",
)  # fmt: skip


def candidates(root: Path, left_out: Counter[str]) -> Iterator[tuple[Path, str]]:
    """Yield (path, key) of the files under an absolute path that may be read; count the others by reason.

    A key is the path below `root` with forward slashes.
    """
    if root.is_file():
        yield root, root.name
    else:
        above = _rules_above(root)
        # a folder that its repository ignores was named all the same, so the user wants it: an installed package, say
        yield from _walk(root, root, [] if _ignored(root, above) else above, left_out)


def may_be_read(root: Path, path: Path) -> bool:
    """Tell whether `candidates` would yield one file; both paths are absolute."""
    folder = root
    rules = _rules_above(root)
    rules = [] if _ignored(root, rules) else rules
    for part in path.relative_to(root).parts[:-1]:
        rules = rules + _rules_of(folder)
        folder = folder / part
        if _is_left_out(folder, rules):
            return False
    rules = rules + _rules_of(folder)
    return path.is_file() and not path.is_symlink() and not _is_private(path) and not _ignored(path, rules)


def is_off_limits(path: Path) -> bool:
    """Tell whether an ignore rule excludes an absolute path, or its name promises keys; it need not exist.

    Unlike `may_be_read` this says nothing against what lies in hidden folders or in other people's packages: a file
    that the user opens is the user's business.
    """
    if _is_private(path):
        return True
    folders = [*reversed(path.parents)]
    within = [*range(len(folders))]
    top = next((i for i in reversed(within) if (folders[i] / ".git").exists()), len(folders) - 1)
    rules: list[tuple[Path, GitIgnoreSpec]] = []
    for folder, inner in zip(folders[top:], [*folders[top + 1 :], path], strict=True):
        rules = rules + _rules_of(folder)
        if _ignored(inner, rules):
            return True
    return False


def _is_left_out(folder: Path, rules: list[tuple[Path, GitIgnoreSpec]]) -> bool:
    return folder.name in _VENDORED or folder.name.startswith(".") or _ignored(folder, rules)


def _is_private(path: Path) -> bool:
    return any(fnmatch(path.name.lower(), pattern) for pattern in _PRIVATE)


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
            if not _is_left_out(entry, rules):
                yield from _walk(entry, root, rules, left_out)
        elif _is_private(entry):
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
    for name in IGNORE_FILES:
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


def read_text(path: Path) -> tuple[bytes | None, str]:
    r"""Return (text, "") or (None, why not); the text is UTF-8 with `\n` line ends."""
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
