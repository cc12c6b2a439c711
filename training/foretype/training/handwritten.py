"""Tell text that somebody wrote from text that a program made, copied or only stores.

Looks at a file's path and content; says why a file is left out, or nothing. Knows nothing of languages or licences.
"""

from __future__ import annotations

import re

from foretype.model.files import MACHINE_MADE

MIN_BYTES = 200
_MAX_BYTES = 400_000
_MAX_LINE_BYTES = 2000
_MAX_MEAN_LINE_BYTES = 200
_MAX_DIGIT_SHARE = 1 / 3
_HEAD_BYTES = 1500

_VENDORED = re.compile(
    r"(^|/)(node_modules|bower_components|vendor(ed)?|_vendor(ed)?|third[-_]?party|3rd[-_]?party|externals?|extern|deps"
    r"|Godeps|site-packages|dist-packages|bundled|\.yarn|\.git)/",
    re.IGNORECASE,
)
_GENERATED_NAME = re.compile(
    r"_pb2(_grpc)?\.pyi?$|\.pb\.(go|cc|h)$|zz_generated|[._]generated\.|\.gen\.|(^|/)generated/"
    r"|parsetab\.py$|\.tab\.[ch]$|(^|/)(configure|config\.(guess|sub)|ltmain\.sh|aclocal\.m4|install-sh|depcomp"
    r"|missing|libtool\.m4|Makefile\.in|versioneer\.py)$|(^|/)__snapshots__/|(^|/)cassettes/|egg-info/",
    re.IGNORECASE,
)
_TRANSLATION = re.compile(r"(^|/)(locales?|_locales|translations?|po|nls|l10n|i18n)/", re.IGNORECASE)
_DATA = re.compile(
    r"(^|/)(fixtures?|test[-_]?data|test[-_]?files|sample[-_]?data|datasets?|corpus|corpora|goldens?|expected"
    r"|baselines?|recordings|snapshots?)/",
    re.IGNORECASE,
)
_GENERATED_TEXT = re.compile(
    rb"(?:^[^\w\n]*|\. {1,2}|\b(?:code|files?|page|sources?|header|module|class|scanner|parser|is|are|was|were|been"
    rb"|auto|automatically|machine|programmatically)[ -])generated (?:by|from|automatically)\b"
    rb"|^[^\w\n]*automatically (?:generated|created)\b|automatically (?:generated|created) (?:by|from|file|code)\b"
    rb"|auto-?generated\b(?! (?:manner|fields?|values?|keys?|ids?|files?|docs?|documentation)\b)|(?<!\w)@generated\b"
    rb"|do not (?:edit|modify)|machine[- ]generated|file (?:is|was) (?:automatically )?generated|code generated",
    re.IGNORECASE | re.MULTILINE,
)
"""What a file says of itself; that a text tells of something which is generated says nothing about the text."""

_COMPILED = re.compile(
    rb"sourceMappingURL=|__webpack_require__|Object\.defineProperty\(exports, ?['\"]__esModule|_interopRequire"
    rb"|__awaiter\(|__decorate\(|_classCallCheck|System\.register\(|_asyncToGenerator|var __extends"
)


def refusal(path: str, content: bytes) -> str | None:
    """Return why a file is not hand-written text, None if it seems to be."""
    return refusal_of_path(path) or refusal_of_content(content)


def refusal_of_path(path: str) -> str | None:
    """Return what a path, with forward slashes, says against a file."""
    for pattern, reason in (
        (_VENDORED, "vendored"),
        (MACHINE_MADE, "generated"),
        (_GENERATED_NAME, "generated"),
        (_TRANSLATION, "translation"),
        (_DATA, "data"),
    ):
        if pattern.search(path):
            return reason
    return None


def refusal_of_content(content: bytes) -> str | None:
    """Return what a file's content says against it."""
    if len(content) < MIN_BYTES:
        return "too small"
    if len(content) > _MAX_BYTES:
        return "too large"
    if b"\0" in content:
        return "binary"
    if not _is_utf8(content):
        return "not UTF-8"
    lines = content.split(b"\n")
    if max(map(len, lines)) > _MAX_LINE_BYTES or len(content) / len(lines) > _MAX_MEAN_LINE_BYTES:
        return "minified"
    return refusal_of_origin(content)


def refusal_of_origin(content: bytes) -> str | None:
    """Return what a text says against having been written by hand, whatever its size and lines."""
    if _GENERATED_TEXT.search(content[:_HEAD_BYTES]) or _COMPILED.search(content):
        return "generated"
    if _digit_share(content) > _MAX_DIGIT_SHARE:
        return "data"
    return None


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _digit_share(content: bytes) -> float:
    visible = content.translate(None, b" \t\r\n")
    return 1 - len(visible.translate(None, b"0123456789,")) / max(1, len(visible))
