"""`foretype models`: which models there are, which one serves, and back to an earlier one."""

from __future__ import annotations

import json
from typing import Any

import click

from foretype.model import forgetting, forgotten
from foretype.model.registry import BASE_NAME, Registry


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """List models, choose one, go back to the version before, or remove one."""
    if context.invoked_subcommand is None:
        context.invoke(list_command)


_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@command.command("list")
@_json_option
def list_command(as_json: bool = False) -> None:
    """Print every model with its versions; a star marks what serves, and what learnt from forgotten files is named."""
    registry = Registry.default()
    rows = _rows(registry)
    if as_json:
        click.echo(json.dumps({"models": rows, "current": registry.current_name() or BASE_NAME}))
        return
    for row in rows:
        mark = "*" if row["current"] else " "
        versions = ", ".join(f"[{one}]" if one == row["promoted"] else one for one in row["versions"])
        unit = f"  ({row['unit']}s)" if row["unit"] == "word" else ""
        click.echo(f"{mark} {row['name']:20} {versions or 'came with the package'}{unit}")
        if learnt := ", ".join(row["learnt_from_forgotten"]):
            click.echo(f"    {learnt} learnt from files that are forgotten; `foretype forget --drop` removes it")
        if unknown := ", ".join(row["sources_unknown"]):
            click.echo(f"    {unknown} does not say what it learnt from, files that are forgotten perhaps")


@command.command("use")
@click.argument("name")
@_json_option
def use_command(name: str, as_json: bool) -> None:
    """Let NAME serve when none is asked for."""
    registry = Registry.default()
    registry.use(name)
    version = None if name == BASE_NAME else registry.promoted(name)
    _say(f"{name} serves", name, version, registry, as_json)


@command.command("rollback")
@click.argument("name", required=False)
@_json_option
def rollback_command(name: str | None, as_json: bool) -> None:
    """Let the version before the present one serve again, of NAME or of the current model."""
    registry = Registry.default()
    chosen = name or registry.current_name() or BASE_NAME
    version = registry.roll_back(chosen)
    _say(f"version {version} of {chosen} serves", chosen, version, registry, as_json)


@command.command("rm")
@click.argument("name")
@click.argument("version", required=False)
@_json_option
def remove_command(name: str, version: str | None, as_json: bool) -> None:
    """Remove NAME with all its versions, or one VERSION that does not serve."""
    registry = Registry.default()
    registry.remove(name, version)
    sentence = f"removed {name}" if version is None else f"removed version {version} of {name}"
    _say(sentence, name, version, registry, as_json)


def _say(sentence: str, name: str, version: str | None, registry: Registry, as_json: bool) -> None:
    """Print what was done, or as JSON to which model and version, and which name serves now."""
    about = {"name": name, "version": version, "current": registry.current_name() or BASE_NAME}
    click.echo(json.dumps(about) if as_json else sentence)


def _rows(registry: Registry) -> list[dict[str, Any]]:
    current = registry.current_name() or BASE_NAME
    marks = forgetting.marks(registry, forgotten.load(registry.root))
    rows: list[dict[str, Any]] = [{"name": BASE_NAME, "versions": [], "promoted": None, "unit": "byte"}]
    rows += [
        {
            "name": name,
            "versions": registry.versions(name),
            "promoted": registry.promoted(name),
            "unit": registry.unit(name),
        }
        for name in registry.names()
    ]
    return [
        {
            **row,
            "current": row["name"] == current,
            "learnt_from_forgotten": [mark.version for mark in marks if mark.name == row["name"] and mark.learnt],
            "sources_unknown": [mark.version for mark in marks if mark.name == row["name"] and mark.learnt is None],
        }
        for row in rows
    ]
