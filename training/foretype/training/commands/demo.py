"""`foretype demo`: the whole path once, on real files: learn from a folder, serve, type a file it has not learnt."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

import click

from foretype.model.finite import Finite
from foretype.model.named_path import NamedPath
from foretype.model.registry import Registry
from foretype.training import corpus, threads
from foretype.training.corpus import SourceFile
from foretype.training.lsp_client import SERVER, LspClient
from foretype.training.remember import remember
from foretype.training.server_editor import ServerEditor
from foretype.training.train_config import TrainConfig
from foretype.training.typing_simulator import Shown, Tally, Typist

_NAME = "demo"
_STAND_IN = "asyncio"
"""A package of Python's own library, present in every installation, in the place of the user's files."""
_SHOWN_LINES = 24


@click.command()
@click.argument("folder", required=False, type=NamedPath())
@click.option("--minutes", type=Finite(0, min_open=True), default=3.0, show_default=True, help="How long to learn.")
@click.option("--characters", type=click.IntRange(1), default=4000, show_default=True, help="How much to type.")
@click.option("--eagerness", type=Finite(0, 1), default=0.5, show_default=True, help="How readily to suggest.")
def command(folder: Path | None, minutes: float, characters: int, eagerness: float) -> None:
    """Learn from FOLDER, then type one of its held-out files into the server and show what it suggests."""
    threads.settle()
    from foretype.training.learn import learn
    from foretype.training.plan import Plan
    from foretype.training.progress import ProgressLine

    folder = folder or Path(sysconfig.get_path("stdlib")) / _STAND_IN
    registry = Registry.default()
    plan = Plan(paths=[folder], train_config=TrainConfig(minutes=minutes), name=_NAME)
    with ProgressLine() as progress:
        progress.note(remember([folder]).sentence())
        learnt = learn(plan, registry, progress)
    click.echo(f"\nheld out: {learnt.before:.3f} -> {learnt.after:.3f} bits per byte")
    file = _typable(corpus.read([folder]).split()[1].files, characters)
    click.echo(f"typing {file.path} (not learnt from), first {characters} characters")
    click.echo("its line, whether it was taken, what stood there ⟦what was suggested⟧\n")
    _echo_tally(_type(folder, file, characters, eagerness))
    click.echo(
        f"\nkept as a model: `foretype models use {_NAME}` lets it serve, `foretype models rm {_NAME}` removes it"
    )


def _typable(files: tuple[SourceFile, ...], characters: int) -> SourceFile:
    """Return the shortest file that is long enough, or the longest."""
    ranked = sorted(files, key=lambda file: file.nbytes)
    return next((file for file in ranked if file.nbytes >= characters), ranked[-1])


def _type(folder: Path, file: SourceFile, characters: int, eagerness: float) -> Tally:
    command_line = (*SERVER, "--model", _NAME)
    with LspClient(command_line, stderr=subprocess.DEVNULL) as client:
        # nobody types here: what becomes of the suggestions is no part of the user's statistics and confidence
        client.initialize(options={"eagerness": eagerness, "ledger": False}, root=folder)
        typist = Typist(ServerEditor(client, file.path, language_id=""), file.text.decode()[:characters])
        lines = 0
        for shown in typist.run():
            lines += 1
            if lines <= _SHOWN_LINES:
                _echo_shown(shown)
        if lines > _SHOWN_LINES:
            click.echo(f"      ... and {lines - _SHOWN_LINES} more")
        return typist.tally


def _echo_shown(shown: Shown) -> None:
    ghost = click.style(shown.text, fg="green" if shown.accepted else "bright_black")
    verdict = "taken" if shown.accepted else "no"
    click.echo(f"{shown.line:5} {verdict:5} {shown.before}⟦{ghost}⟧")


def _echo_tally(tally: Tally) -> None:
    click.echo(
        f"\ncharacters saved  {tally.saved_share:.1%} of {tally.characters} (indentation not counted)\n"
        f"suggestions       {tally.shows} shown ({tally.shows_per_1000:.0f} per 1000 characters), "
        f"{tally.accepted} taken (precision {tally.precision:.2f})\n"
        f"latency           p50 {tally.latency_ms(0.5):.1f} ms, p99 {tally.latency_ms(0.99):.1f} ms "
        f"from key to answer"
    )
