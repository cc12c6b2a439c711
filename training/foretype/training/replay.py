"""Type again what the commits of a repository added, and count the keys that would have been saved.

Everything is as it was at that time: the memory is that of the parent commit, the documents are what they were before.
Only the network is today's. Knows nothing of options or terminals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from foretype.model.engine import Engine
from foretype.model.language import header_of, language_of
from foretype.model.memory import Memory
from foretype.model.mixture import Mixture
from foretype.model.score import LEAST
from foretype.model.session import Session
from foretype.model.sources import Sources, digest_of
from foretype.model.suggest import SuggestOptions
from foretype.model.tokens import encode
from foretype.model.window import AFTER_BYTES, Prefix
from foretype.training import insertions
from foretype.training.git import Commit, Repository
from foretype.training.insertions import Edited, Insertion
from foretype.training.interval import interval
from foretype.training.past import Past
from foretype.training.session_editor import SessionEditor
from foretype.training.typing_simulator import Tally, type_out

_WEEK_SECONDS = 7 * 24 * 3600
_OTHER = "other"


@dataclass(slots=True)
class Outcome:
    """Count what typing came to, and what the typed bytes cost."""

    tally: Tally = field(default_factory=Tally)
    bits: float = 0.0
    nbytes: int = 0

    def add(self, other: Outcome) -> None:
        """Count another one as well."""
        self.tally.add(other.tally)
        self.bits += other.bits
        self.nbytes += other.nbytes


@dataclass(frozen=True, slots=True)
class Replayed:
    """Hold what came of one file in one commit."""

    commit: Commit
    language: str
    outcome: Outcome

    @property
    def week(self) -> str:
        """The week in which it was committed, as ISO 8601 names it."""
        year, week, _ = datetime.fromtimestamp(self.commit.seconds, UTC).isocalendar()
        return f"{year}-W{week:02d}"


@dataclass(frozen=True, slots=True)
class ReplayConfig:
    """Say what is typed again."""

    folder: str = ""
    """Below the repository's root, with a slash at its end unless it is empty."""
    weeks: int | None = None
    """Only the last ones, counted from the newest commit."""
    max_commits: int = 100
    """As many are chosen at random from all that added anything."""
    characters: int = 400
    """Of one commit at most."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Today:
    """Hold what is not as it was at the time of a commit."""

    engine: Engine | None
    mixture: Mixture
    options: SuggestOptions
    learnt_from: Sources
    """The files that the network has learnt from."""


class Replay:
    """Type again what commits added, one after another."""

    def __init__(self, repository: Repository, config: ReplayConfig) -> None:
        """Choose the commits."""
        self._repository = repository
        self._config = config
        commits = repository.commits()
        if config.weeks is not None:
            newest = max(commit.seconds for commit in commits) if commits else 0
            commits = [one for one in commits if one.seconds > newest - config.weeks * _WEEK_SECONDS]
        self.considered = len(commits)
        self._places = {commit: place for place, commit in enumerate(commits)}
        self.chosen = self._choose(commits)
        self.knew_network: bool | None = False
        """Whether the network has learnt from a file of the repository; None if nobody knows. Told by `run`."""

    def run(self, today: Today, watch: Callable[[], None] = lambda: None) -> Iterator[Replayed]:
        """Yield what came of each file of each commit, the oldest commit first; `watch` is called after each one."""
        self.knew_network = today.learnt_from.include({digest_of(self._repository.top)})
        texts = {text for _, text in today.learnt_from.files}
        with TemporaryDirectory(prefix="foretype-eval-", ignore_cleanup_errors=True) as scratch:
            past = Past(self._repository, self._config.folder, Path(scratch))
            for commit, edited in self.chosen:
                memory = past.go_to(commit.parent)
                if not texts.isdisjoint(memory.digests().values()):
                    self.knew_network = True
                for one in edited:
                    if not past.is_off_limits(one.path):
                        yield Replayed(commit, language_of(one.path) or _OTHER, self._type(one, past, memory, today))
                watch()

    def _choose(self, commits: Sequence[Commit]) -> list[tuple[Commit, list[Edited]]]:
        config, chosen = self._config, []
        for commit in Random(config.seed).sample(commits, len(commits)):  # noqa: S311  # no secret depends on it
            edited = insertions.of_commit(self._repository, commit, config.folder, config.characters, config.seed)
            if edited:
                chosen.append((commit, edited))
            if len(chosen) == config.max_commits:
                break
        return sorted(chosen, key=lambda pair: self._places[pair[0]])

    def _type(self, edited: Edited, past: Past, memory: Memory, today: Today) -> Outcome:
        own = {past.key_of(edited.path), past.key_of(edited.path_before)}
        header = header_of(str(self._repository.top / edited.path))
        session = Session(today.engine, header, today.mixture, memory.without(own))
        outcome = Outcome()
        for insertion in edited.insertions:
            outcome.bits += _bits(session, insertion)
            outcome.nbytes += len(encode(insertion.text))
            editor = SessionEditor(session, today.options, insertion.before, insertion.after)
            outcome.tally.add(type_out(editor, insertion.text))
        return outcome


def _bits(session: Session, insertion: Insertion) -> float:
    """Return what the bytes of an insertion cost where they are typed."""
    going_on = session.open(Prefix.of(encode(insertion.before)), insertion.after[:AFTER_BYTES], 1)
    bits = 0.0
    for token in encode(insertion.text):
        bits -= math.log2(max(float(going_on.distributions()[0, token]), LEAST))
        going_on.advance([token])
    return bits


def total(found: Sequence[Replayed]) -> Outcome:
    """Return the sum of outcomes."""
    outcome = Outcome()
    for one in found:
        outcome.add(one.outcome)
    return outcome


def grouped(found: Sequence[Replayed], name_of: Callable[[Replayed], str]) -> dict[str, list[Replayed]]:
    """Return outcomes by name, in the order of the names."""
    groups: dict[str, list[Replayed]] = {}
    for one in found:
        groups.setdefault(name_of(one), []).append(one)
    return dict(sorted(groups.items()))


def saved_interval(found: Sequence[Replayed], seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of the share of characters saved by resampling commits."""
    commits = [total(rows).tally for rows in grouped(found, lambda one: one.commit.name).values()]
    saved = [one.characters - one.keys for one in commits]
    return interval(saved, [one.characters for one in commits], seed)
