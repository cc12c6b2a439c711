"""`python -m foretype.training.base`: fetch the base model's packages and make shards of their text."""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from pathlib import Path

import click

from foretype.model.errors import UserError
from foretype.model.registry import data_dir
from foretype.training.base.build import build
from foretype.training.base.fetch import fetch
from foretype.training.base.manifest import Package, packages

_ARCHIVES = click.option(
    "--archives", type=click.Path(path_type=Path), help="Folder of the archives; by default in the data directory."
)


@click.group()
def main() -> None:
    """Prepare the text that the base model learns from."""


@main.command("fetch")
@_ARCHIVES
def fetch_command(archives: Path | None) -> None:
    """Bring every package of the manifest that is not there yet, and check all of them."""
    folder = archives or data_dir() / "base" / "archives"
    wanted = packages()
    missing: list[str] = []
    with click.progressbar(wanted, label="fetching", item_show_func=_name, file=sys.stderr) as counted:
        for package in counted:
            try:
                fetch(package, folder)
            except UserError as error:
                missing.append(str(error))
    for line in missing:
        click.echo(line, err=True)
    click.echo(f"{len(wanted) - len(missing)} of {len(wanted)} packages are there")
    sys.exit(1 if missing else 0)


@main.command("build")
@_ARCHIVES
@click.option("--to", type=click.Path(path_type=Path), help="Folder to make; by default in the data directory.")
def build_command(archives: Path | None, to: Path | None) -> None:
    """Make shards of the packages' hand-written text."""
    folder = archives or data_dir() / "base" / "archives"
    target = to or data_dir() / "base" / "shards"
    wanted = packages()
    with click.progressbar(length=len(wanted), label="reading", item_show_func=_name, file=sys.stderr) as counted:
        built = build(wanted, folder, target, lambda package: counted.update(1, package))
    # not `asdict`, which cannot copy a Counter
    click.echo(json.dumps({field.name: getattr(built, field.name) for field in fields(built)}, indent=2))


def _name(package: Package | None) -> str:
    return package.name if package is not None else ""


if __name__ == "__main__":
    try:
        main()
    except UserError as error:
        click.echo(f"foretype: {error}", err=True)
        sys.exit(2)
