"""What the benchmark measures: exact matches, and how alike what was predicted is to what was wanted.

The same figures as the data set's own evaluator prints, fuzzywuzzy 0.18 without its optional extension, whose
`fuzz.ratio` is the standard library's `SequenceMatcher` rounded to a whole per cent. Knows nothing of who predicts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_PLAIN = {"<NUM_LIT>": "0", "<STR_LIT>": "", "<CHAR_LIT>": ""}
_WITH_VALUE = re.compile(r"<(?:STR|NUM|CHAR)_LIT:(.*?)>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Scores:
    """Hold what each example came to; the means are what the evaluator prints."""

    exact: tuple[bool, ...]
    similarity: tuple[int, ...]
    """Per cent."""

    @property
    def exact_match(self) -> float:
        """Per cent of all examples."""
        return 100 * sum(self.exact) / max(1, len(self.exact))

    @property
    def edit_similarity(self) -> float:
        """Mean per cent."""
        return sum(self.similarity) / max(1, len(self.similarity))


def score(predictions: Sequence[str], answers: Sequence[str]) -> Scores:
    """Compare predictions with what was wanted, both as tokens with blanks between them."""
    pairs = [
        (with_values(prediction.strip()), with_values(answer))
        for prediction, answer in zip(predictions, answers, strict=True)
    ]
    return Scores(
        tuple(prediction.split() == answer.split() for prediction, answer in pairs),
        tuple(similarity(prediction, answer) for prediction, answer in pairs),
    )


def with_values(text: str) -> str:
    """Return tokens with literals in place of their names; one that has no value is 0 or empty."""
    for name, value in _PLAIN.items():
        text = text.replace(name, value)
    return _WITH_VALUE.sub(lambda match: match[1], text)


def similarity(one: str, other: str) -> int:
    """Return how alike two texts are, in whole per cent; nothing is like nothing, and unlike anything else."""
    if one == other:
        return 100
    return round(100 * SequenceMatcher(None, one, other).ratio())
