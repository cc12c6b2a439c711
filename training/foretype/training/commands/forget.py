"""`foretype forget`: take files out of what was learnt, and keep them out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from foretype.model import forgetting, forgotten, sources
from foretype.model.errors import CheckpointError, UserError
from foretype.model.finite import Finite
from foretype.model.forgetting import UNFINISHED, Mark, Trace
from foretype.model.forgotten import Forgotten
from foretype.model.named_path import NamedPath
from foretype.model.registry import BASE_NAME, Registry

_DEFAULT_MINUTES = 10.0


@click.command()
@click.argument("paths", nargs=-1, type=NamedPath(readable=False), metavar="[PATH]...")
@click.option("--drop", is_flag=True, help="Remove the versions of models that learnt from it.")
@click.option(
    "--retrain", is_flag=True, help="The same, and train these models anew, from the base or from words, without it."
)
@click.option("--minutes", type=Finite(0, min_open=True), default=_DEFAULT_MINUTES, help="For --retrain.")
@click.option("--undo", is_flag=True, help="Allow it to be learnt again.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(paths: tuple[Path, ...], drop: bool, retrain: bool, minutes: float, undo: bool, as_json: bool) -> None:
    """Forget files and folders, which need not exist any more: memories at once, models on request.

    Nothing is learnt from them again until --undo. Without PATH, list what is forgotten, or drop and retrain every
    model that learnt from any of it. docs/forgetting.md says what --json prints.
    """
    if undo:
        _undo(paths, drop=drop or retrain, as_json=as_json)
        return
    registry = Registry.default()
    traces = forgetting.forget(paths, registry) if paths else []
    everything = forgotten.load(registry.root)
    out = everything.among([trace.path for trace in traces]) if paths else everything
    models = [_Model.of(name, found) for name, found in _by_name(forgetting.marks(registry, out)).items()]
    if drop or retrain:
        for model in models:
            model.drop(registry)
    if retrain:
        for model in models:
            model.retrain(registry, minutes)
    if as_json:
        rows = [_row(trace) for trace in traces] or [{"path": str(path)} for path in everything.paths]
        click.echo(json.dumps({"forgotten": rows, "models": [model.row() for model in models]}))
        return
    for line in [_sentence(trace, models) for trace in traces] if paths else _listed(everything):
        click.echo(line)
    for model in models if out.paths else []:
        click.echo(model.sentence())


def _undo(paths: Sequence[Path], *, drop: bool, as_json: bool) -> None:
    if drop or not paths:
        raise UserError("--undo takes the PATHs that may be learnt again, and neither --drop nor --retrain")
    root = Registry.default().root
    rows = []
    for path in map(sources.absolute, paths):
        outer = next((one for one in path.parents if one in forgotten.load(root).paths), None)
        if outer is not None:
            raise UserError(f"{path} is forgotten because {outer} is; undo that")
        gone = forgotten.remove(root, path)
        rows.append({"path": str(path), "undone": [str(one) for one in gone]})
        if not as_json:
            click.echo(f"{path} may be learnt again" if gone else f"{path} was not forgotten")
    if as_json:
        click.echo(json.dumps({"undone": rows}))


@dataclass(slots=True)
class _Model:
    """Hold what became of one model."""

    name: str
    learnt: list[str]
    unknown: list[str]
    roots: list[Path]
    dropped: list[str]
    serves: str | None
    of_words: bool = False
    retrained: str | None = None
    trouble: str | None = None

    @classmethod
    def of(cls, name: str, marks: Sequence[Mark]) -> _Model:
        registry = Registry.default()
        learnt = [mark.version for mark in marks if mark.learnt]
        unknown = [mark.version for mark in marks if mark.learnt is None]
        roots = forgetting.roots(name, learnt, registry)
        return cls(name, learnt, unknown, roots, [], registry.promoted(name), _of_words(name, learnt, registry))

    def drop(self, registry: Registry) -> None:
        self.serves = forgetting.drop(self.name, self.learnt, registry) if self.learnt else self.serves
        self.dropped = self.learnt

    def retrain(self, registry: Registry, minutes: float) -> None:
        """Train anew what was dropped; what stands in the way is told, and what serves meanwhile goes on serving."""
        if not self.dropped:
            return
        from foretype.training import threads

        threads.settle()
        from foretype.training.learn import learn
        from foretype.training.plan import Plan, adaptation
        from foretype.training.progress import ProgressLine
        from foretype.training.train_config import TrainConfig

        paths = [root for root in self.roots if root.exists() and not forgotten.load(registry.root).holds(root)]
        was_current = registry.current_name() in (None, self.name)
        try:
            if not paths:
                raise UserError("none of what it learnt from is left")
            options = TrainConfig(minutes=minutes) if self.of_words else adaptation(BASE_NAME, minutes=minutes)
            plan = Plan(paths, options, self.name, unit="word" if self.of_words else None)
            with ProgressLine() as progress:
                learnt = learn(plan, registry, progress)
        except UserError as error:
            self.trouble = str(error)
            return
        self.retrained = learnt.version
        self.serves = registry.promoted(self.name)
        if learnt.promoted and was_current:
            registry.use(self.name)

    def row(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "learnt": self.learnt,
            "unknown": self.unknown,
            "dropped": self.dropped,
            "serves": self.serves,
            "retrained": self.retrained,
        }

    def sentence(self) -> str:
        """Return one line: what was done, and what the user can do."""
        return f"{self.name}: {'; '.join([*self._said_of_learnt(), *self._said_of_unknown()])}"

    def _said_of_learnt(self) -> list[str]:
        if not self.learnt:
            return [] if self.unknown else ["learnt nothing from it"]
        versions = ", ".join(self.learnt)
        if not self.dropped:
            return [f"{versions} learnt from it; --drop removes what did, --retrain trains it anew without"]
        serves = f"{self.serves} serves" if self.serves else "the base serves in its place"
        if self.retrained is not None:
            return [f"{versions} removed; trained anew as {self.retrained}; {serves}"]
        if self.trouble is not None:
            return [f"{versions} removed; not trained anew: {self.trouble}; {serves}"]
        return [f"{versions} removed; {serves}; `foretype train PATH --name {self.name}` trains it anew"]

    def _said_of_unknown(self) -> list[str]:
        if not self.unknown:
            return []
        versions = ", ".join(self.unknown)
        which = "" if self.unknown == [UNFINISHED] else "; in doubt train it anew and remove the old version"
        return [f"{versions} does not say what it learnt from{which}"]


def _of_words(name: str, versions: Sequence[str], registry: Registry) -> bool:
    """Tell whether the newest of these versions that is whole reads words."""
    for version in reversed([one for one in registry.versions(name) if one in versions]):
        with suppress(CheckpointError):
            return registry.version(name, version).config.unit == "word"
    return False


def _by_name(marks: Sequence[Mark]) -> dict[str, list[Mark]]:
    found: dict[str, list[Mark]] = {}
    for mark in marks:
        found.setdefault(mark.name, []).append(mark)
    return found


def _row(trace: Trace) -> dict[str, Any]:
    return {
        "path": str(trace.path),
        "files": trace.files,
        "memories": trace.memories,
        "copies": [str(path) for path in trace.copies],
    }


def _sentence(trace: Trace, models: Sequence[_Model]) -> str:
    if trace.files:
        erased = f"{_count(trace.files, 'file', 'files')} erased from {_count(trace.memories, 'memory', 'memories')}"
        said = f"forgot {trace.path}: {erased}"
    elif any(model.learnt for model in models):
        said = f"forgot {trace.path}: no memory held it"
    else:
        said = f"{trace.path} was not known; nothing will be learnt from it"
    if trace.copies:
        said += f"; the same text is in {trace.copies[0]}"
        said += f" and {_count(len(trace.copies) - 1, 'other file', 'other files')}" if len(trace.copies) > 1 else ""
    return said


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _listed(out: Forgotten) -> list[str]:
    return [str(path) for path in sorted(out.paths)] or ["nothing is forgotten"]
