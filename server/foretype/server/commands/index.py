"""`foretype index`: bring the memory of folders up to date, as the server does by itself."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click
import psutil

from foretype.model import indexing, memory
from foretype.model.named_path import NamedPath
from foretype.model.registry import memories_dir


@click.command()
@click.argument("folders", nargs=-1, required=True, type=NamedPath(file_okay=False, exists=True))
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=indexing.DEFAULT_LIMIT_BYTES,
    show_default=True,
    metavar="BYTES",
    help="How much text of a folder is remembered; above it the newest files win.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(folders: tuple[Path, ...], limit: int, as_json: bool) -> None:
    """Remember the text files of folders: new and changed ones are read, the rest is left as it is."""
    _give_way()
    rows = []
    for folder in folders:
        began = time.perf_counter()
        indexed = indexing.refresh(memory.folder_of(memories_dir(), folder), folder, limit)
        held = indexed.memory
        rows.append(
            {
                "path": str(folder),
                "files": len(held.stamps),
                "bytes": held.nbytes,
                "read": indexed.read,
                "left_out": dict(indexed.left_out),
                "seconds": round(time.perf_counter() - began, 3),
            }
        )
    if as_json:
        click.echo(json.dumps({"folders": rows}))
        return
    for row in rows:
        click.echo(
            f"{row['path']}: {row['files']} files, {row['bytes']} bytes; read {row['read']} in {row['seconds']} s"
        )


def _give_way() -> None:
    """Let everything else go first: somebody may be typing."""
    process = psutil.Process()
    process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if psutil.WINDOWS else 10)
