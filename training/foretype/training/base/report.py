"""How well the base predicts packages that it has not seen, language by language, beside a compressor.

PPMd is given generic text of the same language from the packages that the base learnt from, since the base has seen
such text too. Knows nothing of how the base was trained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from foretype.model import segment
from foretype.model.engine import Engine
from foretype.model.language import header_of, language_of
from foretype.model.mixture import Mixture
from foretype.model.predictor import Predictor
from foretype.model.score import Prefills, score_mixed
from foretype.training import baselines
from foretype.training.base.projects import Project
from foretype.training.shards import ShardedText

PPMD = "ppmd_16"
_PPMD_ORDER = 16


@dataclass(slots=True)
class Language:
    """Sum up what the files of one language cost."""

    files: int = 0
    nbytes: int = 0
    bits: dict[str, float] = field(default_factory=dict)
    """By who predicts: `foretype` with the project known, `cold` without, `network` alone, and PPMd.

    The same with `rival_` before it: with another network in the mixture.
    """

    def per_byte(self) -> dict[str, float]:
        """Return bits per byte by who predicts."""
        return {name: total / self.nbytes for name, total in self.bits.items()}

    def add(self, nbytes: int, bits: dict[str, float]) -> None:
        """Count one more file."""
        self.files += 1
        self.nbytes += nbytes
        for name, cost in bits.items():
            self.bits[name] = self.bits.get(name, 0.0) + cost


def report(
    found: Sequence[Project],
    engine: Engine,
    mixture: Mixture,
    generic: dict[str, bytes],
    watch: Callable[[str], object] = str,
    rival: Prefills | None = None,
) -> dict[str, Language]:
    """Score the typed files of all projects; `generic` holds text by language, without which there is no PPMd."""
    networks: dict[str, Prefills] = {"": engine} if rival is None else {"": engine, "rival_": rival}
    languages: dict[str, Language] = {}
    others = {name: baselines.ppmd(_PPMD_ORDER, text) for name, text in generic.items()}
    for project in found:
        memory = segment.build(project.known)
        known = [(memory, memory.mask([]))]
        for path, text in project.typed:
            name = language_of(path) or "other"
            header = header_of(path)
            bits: dict[str, float] = {}
            for whose, network in networks.items():
                bits |= {
                    f"{whose}foretype": score_mixed(network, Predictor(mixture, known), header, text, document=True),
                    f"{whose}cold": score_mixed(network, Predictor(mixture), header, text, document=True),
                    f"{whose}network": score_mixed(network, Predictor(mixture), header, text, document=False),
                }
            if name in others:
                bits[PPMD] = others[name](text)
            languages.setdefault(name, Language()).add(len(text), bits)
        watch(project.name)
    return languages


def generic_text(documents: Iterable[ShardedText], wanted: set[str], nbytes: int) -> dict[str, bytes]:
    """Return about `nbytes` of text for each language that is wanted, one document after another."""
    found: dict[str, bytearray] = {name: bytearray() for name in wanted}
    for document in documents:
        text = found.get(language_of(document.path) or "other")
        if text is not None and len(text) < nbytes:
            text += document.text[: nbytes - len(text)] + b"\0"
    return {name: bytes(text) for name, text in found.items() if text}
