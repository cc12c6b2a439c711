"""Fit what is read from a network's states, and judge it on text of packages that are held out.

Regularised softmax regression, by L-BFGS from zero: convex, so what comes out depends on the excerpts alone. The prior
of a language is that of the excerpts. Knows nothing of how states come about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from foretype.model.engine import Engine
from foretype.model.readout import KINDS, Readout, Regression
from foretype.training.base.states import LOOKS, Half, choose, observe
from foretype.training.base.streams import Library

_LEAST_OF_A_LANGUAGE, _SHARE_OF_THE_REST, _FEWEST = 120, 0.04, 40
"""Excerpts of each language: the common ones weigh more, but less than they are common."""
_JUDGED_OF_A_LANGUAGE = 60
_LANGUAGE_PENALTY, _KIND_PENALTY = 3e-3, 3e-2
"""On the sum of squared weights, per sample (docs/log.md)."""
_ITERATIONS = 60
_LEAST_SPREAD = 1e-3
_CONFUSIONS = 12


@dataclass(frozen=True, slots=True)
class Judged:
    """Tell how right a readout is on text that neither it nor its network has seen."""

    accuracy: dict[int, float]
    """Share of languages told, by bytes read; counted are those that the readout knows."""
    files: dict[int, int]
    confused: dict[int, list[tuple[str, str, int]]]
    """The commonest mistakes, by bytes read: what it is, what was said, how often."""
    kinds: list[list[int]]
    """Places by what they are (rows) and by what was said, in the order of `KINDS`."""

    @property
    def kind_accuracy(self) -> float:
        """Share of places whose kind is told."""
        return float(np.trace(np.array(self.kinds)) / np.sum(self.kinds))


def fit(engine: Engine, library: Library, seed: int) -> Readout:
    """Return a readout of the engine's network, fitted on excerpts of the library."""
    draws = np.random.default_rng(seed)
    numbers = choose(library, _LEAST_OF_A_LANGUAGE, _SHARE_OF_THE_REST, _FEWEST, draws)
    seen = observe(engine, library, numbers, draws)
    languages = sorted(set(seen.languages))
    numbered = [languages.index(language) for language in seen.languages]
    return Readout(
        regress(seen.means, numbered, languages, _LANGUAGE_PENALTY),
        regress(seen.places, seen.kinds, KINDS, _KIND_PENALTY),
    )


def judge(engine: Engine, library: Library, readout: Readout, seed: int) -> Judged:
    """Return how right a readout is on excerpts of the library."""
    draws = np.random.default_rng(seed)
    seen = observe(engine, library, choose(library, _JUDGED_OF_A_LANGUAGE, 0.0, 1, draws), draws)
    labels = readout.language.labels
    said = readout.language.probabilities(seen.means.astype(np.float32)).argmax(axis=1)
    pairs: dict[int, list[tuple[str, str]]] = {look: [] for look in LOOKS}
    for look, truth, number in zip(seen.looks, seen.languages, said, strict=True):
        if truth in labels:
            pairs[look].append((truth, labels[number]))
    kinds = np.zeros((len(KINDS), len(KINDS)), np.int64)
    np.add.at(kinds, (seen.kinds, readout.kind.probabilities(seen.places.astype(np.float32)).argmax(axis=1)), 1)
    return Judged(
        {look: sum(a == b for a, b in found) / max(1, len(found)) for look, found in pairs.items()},
        {look: len(found) for look, found in pairs.items()},
        {look: _confusions(found) for look, found in pairs.items()},
        kinds.tolist(),
    )


def regress(rows: Half, numbers: Sequence[int], labels: Sequence[str], penalty: float) -> Regression:
    """Return the regression of `labels`, by their numbers, on rows of features (N, features)."""
    features = rows.astype(np.float32)
    centre = features.mean(axis=0)
    scale = (1 / np.maximum(features.std(axis=0), _LEAST_SPREAD)).astype(np.float32)
    x, y = torch.from_numpy((features - centre) * scale), torch.tensor(numbers)
    weights = torch.zeros(len(labels), x.shape[1], requires_grad=True)
    bias = torch.zeros(len(labels), requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=_ITERATIONS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = functional.cross_entropy(x @ weights.T + bias, y) + penalty * weights.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return Regression(tuple(labels), _array(weights), _array(bias), centre, scale)


def _array(tensor: torch.Tensor) -> NDArray[np.float32]:
    return np.asarray(tensor.detach().numpy())


def _confusions(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str, int]]:
    counted = Counter((truth, said) for truth, said in pairs if truth != said)
    return [(truth, said, count) for (truth, said), count in counted.most_common(_CONFUSIONS)]
