"""What would be learnt from and what would not, told without learning: `foretype train --plan`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from foretype.training.corpus import Corpus


def report(corpus: Corpus) -> dict[str, object]:
    """Return every file with its size, and every file or folder that was left out with its reason."""
    return {
        "files": [
            {
                "path": str(file.path),
                "bytes": file.nbytes,
                "language": file.language or None,
                "weight": round(file.weight, 3),
                "secrets": file.secrets,
            }
            for file in corpus.files
        ],
        "bytes": corpus.nbytes,
        "languages": {row["language"]: {"files": row["files"], "bytes": row["bytes"]} for row in _languages(corpus)},
        "secrets": sum(file.secrets for file in corpus.files),
        "left_out": [{"path": str(path), "reason": reason} for path, reason in sorted(corpus.refused.items())],
    }


def lines(corpus: Corpus) -> Iterator[str]:
    """Yield the same for a person: languages with their files and bytes, then what was left out by reason."""
    yield f"would learn from {len(corpus.files)} files, {corpus.nbytes / 1e6:.2f} MB"
    for row in _languages(corpus):
        yield f"{row['files']:>8} files {row['bytes'] / 1e6:>9.2f} MB  {row['language']}"
    if secrets := sum(file.secrets for file in corpus.files):
        yield f"would replace {secrets} secrets by placeholders"
    if corpus.refused:
        yield "would leave out"
    for reason, count in corpus.left_out.most_common():
        yield f"{count:>8} {reason}"


def _languages(corpus: Corpus) -> list[dict[str, Any]]:
    files: Counter[str] = Counter(file.language or "unknown" for file in corpus.files)
    nbytes: Counter[str] = Counter()
    for file in corpus.files:
        nbytes[file.language or "unknown"] += file.nbytes
    return [{"language": name, "files": files[name], "bytes": size} for name, size in nbytes.most_common()]
