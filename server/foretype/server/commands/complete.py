"""`foretype complete`: what the server would suggest at a place in a file, without an editor."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from foretype.model import mixture
from foretype.model.language import header_of
from foretype.model.provenance import Source
from foretype.model.reason import Reason
from foretype.model.sampling import Sampling
from foretype.model.session import Session
from foretype.model.suggest import Answer, SuggestOptions, suggest
from foretype.server.commands.options import (
    engine_of,
    memory_around,
    project_option,
    seed_option,
    temperature_option,
)
from foretype.server.commands.place import Place, read_text
from foretype.server.document import Document

_MEANINGS = {
    Reason.NOTHING_TO_ADD: "the line most likely ends here",
    Reason.BELOW_EAGERNESS: "nothing is likely enough",
    Reason.KEY_SHAPED: "what there was looks like a password or a token",
}
"""Of the silences that there can be when somebody asks; docs/silence.md has all."""


@click.command()
@click.argument("place", metavar="FILE[:LINE[:COL]]")
@project_option
@click.option("-n", "count", type=click.IntRange(1, 16), default=1, show_default=True, help="How many.")
@temperature_option(0.6)
@seed_option
@click.option("--model", metavar="NAME|PATH", help="Model to use; by default the current one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    place: str,
    project: Path | None,
    count: int,
    temperature: float,
    seed: int,
    model: str | None,
    as_json: bool,
) -> None:
    """Print suggestions at a place in a file, by default at its end."""
    where = Place.parse(place)
    document = Document(read_text(where.path), version=0, encoding="utf-32")
    caret = where.position(document)
    # asking on the command line is asking by hand
    options = SuggestOptions(count=count, asked=True, sampling=Sampling(temperature), seed=seed)
    session = _session(where.path, project, model)
    started = time.perf_counter()
    answer = suggest(session, document.prefix(caret), document.suffix(caret), options)
    elapsed_ms = (time.perf_counter() - started) * 1e3
    if as_json:
        sources = [session.source_of(document.prefix(caret), one.text) for one in answer.suggestions]
        click.echo(json.dumps(_report(answer, sources, elapsed_ms)))
    else:
        _print(answer)


def _session(path: Path, project: Path | None, model: str | None) -> Session:
    memory = memory_around(project, path)
    return Session(engine_of(model), header_of(str(path.resolve())), mixture.shipped(), memory)


def _report(answer: Answer, sources: list[Source | None], elapsed_ms: float) -> dict[str, object]:
    items = [
        {
            "text": one.text,
            "probability": round(one.probability, 6),
            "confidence": round(one.confidence, 6),
            "source": None if source is None else {"file": source.key, "line": source.line},
        }
        for one, source in zip(answer.suggestions, sources, strict=True)
    ]
    return {"items": items, "reason": answer.reason, "elapsed_ms": round(elapsed_ms, 3)}


def _print(answer: Answer) -> None:
    for one in answer.suggestions:
        click.echo(f"{one.probability:6.3f}  {one.text}")
    if answer.reason is not None:
        meaning = _MEANINGS.get(answer.reason, "see docs/silence.md")
        click.echo(f"no suggestion: {answer.reason}, {meaning}", err=True)
