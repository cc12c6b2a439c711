"""Find the text files under a folder that may be read, and say why others may not.

Respects `.gitignore` and `.foretypeignore` as git does, follows no links, never opens files that hold keys, and passes
over what only programs write and read: lock files, source maps, minified code. Knows nothing of what the text is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import translate
from pathlib import Path

from foretype.model import git_folder
from foretype.model.encodings import decode
from foretype.model.ignore import Rules, repository_of, rules_above
from foretype.model.language import language_of

MAX_FILE_BYTES = 1 << 20
"""A larger file is data or generated, hardly ever written by hand."""
MAX_NAMED_FILE_BYTES = 16 << 20
"""One that the user named itself may be a book, or several in one."""

MACHINE_MADE = re.compile(
    r"\.min\.|[-.]bundle\.|\.lock$|\.map$|\.snap$|package-lock|npm-shrinkwrap|pnpm-lock|go\.sum$", re.IGNORECASE
)
"""Names of files that nobody writes or reads, so that nothing in them is ever what somebody is about to type."""

_LONG_LINE_BYTES = 500
_MOST_IN_LONG_LINES = 0.5
"""Share of a text in long lines from which it counts as minified; one long line does not spoil a file."""
_PROSE = frozenset({"", "asciidoc", "markdown", "org", "plain-text", "rst", "tex"})
_LEAST_SPACES = 0.1
"""Share of spaces in prose; every sixth byte or so is one, but in scripts without them, which are not ASCII."""
_ABOVE_ASCII = bytes(range(0x80, 0x100))

_VENDORED = frozenset({"node_modules", "__pycache__", "site-packages", "venv"})
_PRIVATE_NAMES = (
    ".env*", "*.env", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk",
    "*.gpg", "*.asc", "*.p8", "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", ".netrc", "_netrc", ".npmrc", ".pypirc",
    ".pgpass", ".my.cnf", ".git-credentials", ".htpasswd", "credentials", "credentials.json",
    "secrets.json", "secrets.toml", "secrets.y*ml", "secrets.ini", "secrets.txt",
)  # fmt: skip
_PRIVATE = re.compile("|".join(map(translate, _PRIVATE_NAMES)))


def candidates(root: Path, left_out: dict[Path, str]) -> Iterator[tuple[Path, str]]:
    """Yield (path, key) of the files under an absolute path that may be read; note why the others may not.

    A key is the path below `root` with forward slashes. A folder that is left out is noted as one. A single file is
    read whatever its name and the rules say, unless it holds keys.
    """
    if not root.is_file():
        yield from _walk(root, left_out)
    elif _is_private(root):
        left_out[root] = "private"
    else:
        yield root, root.name


def may_be_read(root: Path, path: Path) -> bool:
    """Tell whether `candidates` of the folder `root` would yield a file, or look into a folder; paths are absolute."""
    way = [*rules_above(root).descend(root, path)]
    return all(_refusal(one, rules) is None for one, rules in way) and (path.is_file() or path.is_dir())


def is_off_limits(path: Path, opened: Iterable[Path] = ()) -> bool:
    """Tell whether an ignore rule excludes an absolute path, or its name promises keys; it need not exist.

    Unlike `may_be_read` this says nothing against what lies in hidden folders or in other people's packages: a file
    that the user opens is the user's business. So is a folder that was `opened`: rules that exclude all of it do not
    count.
    """
    around = [folder for folder in opened if path.is_relative_to(folder)]
    top = max(around, key=lambda folder: len(folder.parts), default=repository_of(path.parent) or path.parent)
    return _is_private(path) or any(
        rules.exclude(one, is_folder=one != path) for one, rules in rules_above(top).descend(top, path)
    )


def _walk(root: Path, left_out: dict[Path, str]) -> Iterator[tuple[Path, str]]:
    """Go through a folder in order; folders may lie in each other more deeply than functions can call each other."""
    rules = rules_above(root).within(root)
    ahead = [(entry, rules) for entry in _entries_backwards(root, left_out)]
    while ahead:
        entry, rules = ahead.pop()
        if (reason := _refusal(entry, rules)) is not None:
            left_out[entry] = reason
        elif entry.is_dir():
            inner = rules.within(entry)
            ahead += [(one, inner) for one in _entries_backwards(entry, left_out)]
        else:
            yield entry, entry.relative_to(root).as_posix()


def _entries_backwards(folder: Path, left_out: dict[Path, str]) -> list[Path]:
    try:
        return sorted(folder.iterdir(), reverse=True)
    except OSError:
        left_out[folder] = "unreadable"
        return []


def _refusal(entry: Path, rules: Rules) -> str | None:
    """Return why a file or folder is passed over, by its name and the rules that hold beside it."""
    try:
        return _refusal_of(entry, rules)
    except OSError:  # its folder may be listed but not entered, or the way to it is too long
        return "unreadable"


def _refusal_of(entry: Path, rules: Rules) -> str | None:
    if entry.is_symlink():
        return "link"
    if entry.is_dir():
        return _refusal_of_folder(entry, rules)
    if _is_private(entry):
        return "private"
    if rules.exclude(entry):
        return "ignored"
    if entry.name == ".git":  # of a working tree that lies elsewhere than its repository
        return "git's own"
    if MACHINE_MADE.search(entry.name):
        return "machine-made"
    return None if entry.is_file() else "no file"


def _refusal_of_folder(folder: Path, rules: Rules) -> str | None:
    if folder.name in _VENDORED:
        return "vendored folder"
    if folder.name.startswith("."):
        return "hidden folder"
    if git_folder.is_bare(folder):
        return "git's own"
    return "ignored folder" if rules.exclude(folder) else None


def _is_private(path: Path) -> bool:
    return _PRIVATE.match(path.name.lower()) is not None


def read_text(path: Path, *, is_named: bool = False) -> tuple[bytes | None, str]:
    r"""Return (text, "") or (None, why not); the text is UTF-8 with `\n` line ends, whatever the file's encoding.

    A file that the user named itself may be larger than one that was found in a folder.
    """
    try:
        if path.stat().st_size > (MAX_NAMED_FILE_BYTES if is_named else MAX_FILE_BYTES):
            return None, "too large"
        content = path.read_bytes()
    except OSError:
        return None, "unreadable"
    decoded = decode(content)
    if decoded is None:
        return None, "binary" if b"\0" in content else "unknown encoding"
    if not decoded.strip():
        return None, "empty"
    text = decoded.replace("\r\n", "\n").replace("\r", "\n").encode()
    return (None, "minified") if _is_minified(text, path) else (text, "")


def _is_minified(text: bytes, path: Path) -> bool:
    """Tell text that a program put on a few long lines from text that somebody wrote; prose has a line a paragraph."""
    in_long_lines = sum(len(line) for line in text.split(b"\n") if len(line) > _LONG_LINE_BYTES)
    if in_long_lines < _MOST_IN_LONG_LINES * len(text):
        return False
    solid = len(text.translate(None, b" \t" + _ABOVE_ASCII))
    return language_of(path.name) not in _PROSE or len(text) - solid < _LEAST_SPACES * len(text)
