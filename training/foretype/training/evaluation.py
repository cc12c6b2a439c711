"""How good the model is on files that are held out: bits per byte beside the baselines, and simulated typing.

The rest of the files is the project that is known. Knows nothing of options or terminals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from foretype.model.engine import Engine
from foretype.model.language import header_of
from foretype.model.mixture import Mixture
from foretype.model.predictor import Predictor
from foretype.model.score import score_mixed
from foretype.model.segment import Mask, Segment
from foretype.model.session import Session
from foretype.model.suggest import SuggestOptions
from foretype.training import baselines
from foretype.training.corpus import SourceFile
from foretype.training.interval import interval
from foretype.training.session_editor import SessionEditor
from foretype.training.typing_simulator import Tally, type_out

Known = Sequence[tuple[Segment, Mask]]


@dataclass(slots=True)
class Scores:
    """Hold bits and bytes of every file by predictor."""

    nbytes: list[int] = field(default_factory=list)
    bits: dict[str, list[float]] = field(default_factory=dict)

    def per_byte(self, name: str) -> float:
        """Return bits per byte over all files."""
        return sum(self.bits[name]) / sum(self.nbytes)

    def interval(self, name: str, seed: int = 0) -> tuple[float, float]:
        """Return the 95 % interval of `per_byte` by resampling files."""
        return interval(self.bits[name], self.nbytes, seed)


def score_files(
    files: Sequence[SourceFile],
    known: Known,
    engine: Engine | None,
    mixture: Mixture,
    others: dict[str, baselines.Bits],
    watch: Callable[[], None] = lambda: None,
) -> Scores:
    """Score every file with the whole mixture, without each of its experts, and with each of `others`."""
    scores = Scores()
    variants: dict[str, tuple[Engine | None, Known, bool]] = {
        "foretype": (engine, known, True),
        "without_rnn": (None, known, True),
        "without_memory": (engine, [], True),
        "without_document": (engine, known, False),
        "memory_alone": (None, known, False),
    }
    if engine is not None:
        variants["rnn_alone"] = (engine, [], False)
    for file in files:
        scores.nbytes.append(file.nbytes)
        header = header_of(file.key)
        for name, (network, memory, document) in variants.items():
            bits = score_mixed(network, Predictor(mixture, memory), header, file.text, document=document)
            scores.bits.setdefault(name, []).append(bits)
        for name, cost in others.items():
            scores.bits.setdefault(name, []).append(cost(file.text))
        watch()
    return scores


def type_files(
    files: Sequence[SourceFile],
    known: Known,
    engine: Engine | None,
    mixture: Mixture,
    options: SuggestOptions,
    characters: int,
    *,
    by_words: bool = False,
) -> Tally:
    """Type the beginnings of all files, `characters` in all, and return the sum of their tallies."""
    total = Tally()
    share = max(1, characters // len(files))
    for file in files:
        session = Session(engine, header_of(file.key), mixture, known)
        text = file.text.decode()[:share]
        total.add(type_out(SessionEditor(session, options), text, by_words=by_words))
    return total
