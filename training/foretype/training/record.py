"""The record of what a run learns from: written before its first step, kept with the version that comes of it.

So that a run that was interrupted, too, can be told to have learnt from a file that is to be forgotten. Knows nothing
of how a run works.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from foretype.model import atomic, sources
from foretype.model.errors import UserError
from foretype.model.forgetting import unfinished_sources
from foretype.model.registry import BASE_NAME, Registry
from foretype.model.sources import Sources
from foretype.training.corpus import Corpus
from foretype.training.plan import Plan


def learnt_before(plan: Plan, registry: Registry, name: str) -> frozenset[str]:
    """Return digests of the files' paths that anybody has learnt from who is to be judged at the end of a run.

    That is what the run starts from, what it is held against and, where it is resumed, the run itself. What cannot be
    loaded has learnt nothing.
    """
    start_from = None if plan.train_config is None else plan.train_config.start_from
    found = [sources.read(unfinished_sources(registry, name))] if plan.resume else []
    for model in {name, start_from, None}:  # None is what serves
        with suppress(UserError):
            found.append(registry.find(model).sources())
    return frozenset(path for one in found for path, _ in one.files)


@dataclass(frozen=True, slots=True)
class Record:
    """Hold what a run learns from, and has learnt from through the model that it starts from."""

    path: Path
    sources: Sources

    @classmethod
    def begin(cls, plan: Plan, text: Corpus, registry: Registry, name: str) -> Self:
        """Write down what a run is about to learn from; one that goes on adds to what it had."""
        path = unfinished_sources(registry, name)
        found = Sources.of(((file.path, file.text) for file in text.files), plan.paths)
        start_from = None if plan.train_config is None else plan.train_config.start_from
        if start_from not in (None, BASE_NAME):
            found = found.joined(registry.find(start_from).sources())
        # until this run is saved for the first time, what was interrupted before may still be gone on with
        both = found.joined(sources.read(path)) if plan.resume or path.exists() else found
        atomic.write_file(path, both.to_json())
        return cls(path, both if plan.resume else found)

    def remove(self) -> None:
        """Let the run be finished."""
        self.path.unlink(missing_ok=True)
