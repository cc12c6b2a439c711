"""Forget files: off the disk at once where they were remembered, and told of every model that has learnt from them.

What a network has learnt cannot be taken out of it; it can be dropped. Knows nothing of training.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from foretype.model import files, forgotten, indexing, memory, secrets, segment, sources
from foretype.model.errors import CheckpointError
from foretype.model.forgotten import Forgotten
from foretype.model.registry import Registry
from foretype.model.sources import Sources

UNFINISHED = "unfinished"
"""Takes the place of a version's number for a run that was interrupted."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Tell where a path had been learnt."""

    path: Path
    """Absolute."""
    files: int
    """Files that memories held, under one path each."""
    memories: int
    copies: tuple[Path, ...]
    """Other files with the same text as one of them, which are not forgotten."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Tell whether a version has learnt from what is forgotten."""

    name: str
    version: str
    learnt: bool | None
    """None where it does not say what it has learnt from."""


@dataclass(frozen=True, slots=True)
class _Held:
    """Name a text in a memory, which may be silent there."""

    folder: Path
    path: Path
    digest: str
    silent: bool
    is_missing: bool
    """Whether nothing lies at its path any more, which the memory need not know yet."""


def forget(paths: Sequence[Path], registry: Registry) -> list[Trace]:
    """Put paths, which need not exist, on the list of what is forgotten, and erase them from every memory."""
    registry.finish_removals()
    targets = list(dict.fromkeys(map(sources.absolute, paths)))
    held = list(_held(registry.root / "memories"))
    doomed = Forgotten(dict.fromkeys(targets, frozenset()))
    found = {target: _texts(target, held) for target in targets}
    others = {one.path: one.digest for one in held if not (one.silent or one.is_missing or doomed.holds(one.path))}
    aliases = {target: _aliases(texts, others, registry) for target, texts in found.items()}
    out = forgotten.add(registry.root, aliases).among(targets)
    for mark in marks(registry, out):
        if mark.learnt is not False:  # the logs of runs quote what the network wrote by then
            for name in (f"{mark.name}.jsonl", "background.log"):
                _remove_log(registry.root / "training" / name)
    texts = frozenset().union(*found.values())
    for folder in memory.folders(registry.root / "memories"):
        indexing.forget(folder, texts)
    return [_trace(target, found[target], held, others) for target in targets]


def marks(registry: Registry, out: Forgotten) -> list[Mark]:
    """Tell of every version, and of every run that was interrupted, whether it has learnt from what is forgotten."""
    digests = out.digests()
    return [
        Mark(name, version, learnt_from.include(digests) if digests else False)
        for name, version, learnt_from in _sources(registry)
    ]


def roots(name: str, versions: Sequence[str], registry: Registry) -> list[Path]:
    """Return the paths that the user named for these versions to learn from."""
    found = {
        root for own, version, said in _sources(registry) if own == name and version in versions for root in said.roots
    }
    return sorted(map(Path, found))


def drop(name: str, versions: Sequence[str], registry: Registry) -> str | None:
    """Remove versions of a name and return the one that serves for it then; None leaves its work to the base.

    If the one that serves is among them, the newest that is known to be clean and was once found better takes over.
    """
    if UNFINISHED in versions:
        for path in _run(registry, name):
            path.unlink(missing_ok=True)
    doomed = [version for version in registry.versions(name) if version in versions]
    if doomed and registry.promoted(name) in doomed:
        _replace(name, doomed, registry)
    if registry.versions(name) and set(registry.versions(name)) == set(doomed):
        registry.remove(name)
        return None
    for version in doomed:
        registry.remove(name, version)
    return registry.promoted(name)


def unfinished_sources(registry: Registry, name: str) -> Path:
    """Return where a run that is not finished records what it learns from."""
    return registry.root / "training" / f"{name}.sources.json"


def _replace(name: str, doomed: Sequence[str], registry: Registry) -> None:
    for version in reversed(registry.versions(name)):
        if version not in doomed and _is_good(registry, name, version):
            registry.promote(name, version)
            return
    registry.demote(name)


def _is_good(registry: Registry, name: str, version: str) -> bool:
    """Tell whether a version is whole, has learnt from nothing that is forgotten and beat what was there before it."""
    try:
        found = registry.version(name, version)
        metrics = found.metrics()
    except CheckpointError:
        return False
    clean = found.sources().include(forgotten.load(registry.root).digests()) is False
    held_out = metrics.get("held_out", {})
    return clean and "kept_aside" not in metrics and held_out.get("after", 0.0) < held_out.get("before", 1.0)


def _sources(registry: Registry) -> Iterator[tuple[str, str, Sources]]:
    for name in registry.names():
        for version in registry.versions(name):
            try:
                yield name, version, registry.version(name, version).sources()
            except CheckpointError:
                yield name, version, Sources()
    training = registry.root / "training"
    for path in sorted(training.glob("*.safetensors")) if training.is_dir() else []:
        yield path.stem, UNFINISHED, sources.read(unfinished_sources(registry, path.stem))


def _run(registry: Registry, name: str) -> tuple[Path, Path]:
    return registry.root / "training" / f"{name}.safetensors", unfinished_sources(registry, name)


def _held(memories: Path) -> Iterator[_Held]:
    for folder in memory.folders(memories):
        project = memory.project_of(folder)
        if project is None:
            continue
        for part in memory.load_or_empty(folder).parts:
            for file in part.segment.files:
                path = project / file.key
                yield _Held(folder, path, file.digest, file.key in part.gone, sources.is_missing(path))


def _texts(target: Path, held: Sequence[_Held]) -> frozenset[str]:
    """Return the digests of the texts that a path has now, as they are learnt and as they are written, or had."""
    found = {one.digest for one in held if one.path.is_relative_to(target)}
    if not sources.is_missing(target):
        is_named = target.is_file()
        for path, _ in files.candidates(target, {}):
            text, _ = files.read_text(path, is_named=is_named)
            if text is not None:
                found |= {segment.digest_of(text), segment.digest_of(secrets.scrub(text)[0])}
    return frozenset(found)


def _aliases(texts: frozenset[str], others: dict[Path, str], registry: Registry) -> frozenset[str]:
    """Return the digests of paths under which models learnt one of `texts` before it was moved to where it is now.

    Other files that have the same text today are no such paths.
    """
    copies = {sources.digest_of(path) for path, digest in others.items() if digest in texts}
    pairs = {pair for _, _, learnt_from in _sources(registry) for pair in learnt_from.files}
    return frozenset(path for path, text in pairs if text in texts and path not in copies)


def _remove_log(path: Path) -> None:
    with suppress(FileNotFoundError):
        os.truncate(path, 0)
        with suppress(PermissionError):  # Windows removes nothing that a run has open, but lets it be emptied
            path.unlink()


def _trace(target: Path, texts: frozenset[str], held: Sequence[_Held], others: dict[Path, str]) -> Trace:
    mine = [one for one in held if one.path.is_relative_to(target) or (one.is_missing and one.digest in texts)]
    copies = tuple(sorted(path for path, digest in others.items() if digest in texts))
    return Trace(target, len({one.path for one in mine}), len({one.folder for one in mine}), copies)
