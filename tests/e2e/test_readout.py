"""What the base tells from its state: the language of a text, what its lines are, and how an empty file may begin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.docs.pages import ROOT, commands

from foretype.model.errors import UserError
from foretype.model.registry import Registry
from foretype.server.cli import foretype

PAGE = """\
# Weather

[![build](https://example.org/weather.svg)](https://example.org/weather)

A small library that reads the weather from stations near you. It needs no key and no account.

## Installation

```
npm install weather
```

## Usage

- `stations()` returns the stations nearby, **nearest first**.
- `weather(station)` returns what one of them has measured. See [the reference](docs/reference.md) for all fields.

## License

MIT
"""

SAMPLES = {
    "words.py": ((ROOT / "model/foretype/model/pieces.py").read_bytes(), "python"),
    "page.txt": (PAGE.encode(), "markdown"),
    "no_name": ((ROOT / "editors/neovim/lua/foretype/server.lua").read_bytes(), "lua"),
}
"""The names are not looked at: two of them say nothing, or something else."""

BEGINNINGS = {
    "package.json": ("{",),
    "README.md": ("#", "<"),
    "main.go": ("//", "/*", "package"),
    "Makefile": ("#", "."),
    "setup.py": ("from", "import", "#", '"""'),
}


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(foretype, [str(one) for one in arguments], catch_exceptions=False)


def test_language_is_told_from_the_text_whatever_the_name(tmp_path: Path) -> None:
    for name, (text, _) in SAMPLES.items():
        (tmp_path / name).write_bytes(text)
    result = call("classify", *(tmp_path / name for name in SAMPLES), "--bytes", "3000", "--json")
    found = {Path(one["path"]).name: one for one in json.loads(result.stdout)["files"]}
    assert {name: one["language"] for name, one in found.items()} == {name: said for name, (_, said) in SAMPLES.items()}
    for name, one in found.items():
        assert one["bytes"] == min(3000, len(SAMPLES[name][0]))
        assert sum(one["kinds"].values()) == pytest.approx(1, abs=1e-3)
        assert one["languages"][one["language"]] == max(one["languages"].values())
    assert found["page.txt"]["kinds"]["prose"] > 0.5
    assert found["words.py"]["kinds"]["code"] > found["page.txt"]["kinds"]["code"]


LINES = """\
import os

# The folder that everything is read from, and written to as well when nobody says another.
# It is made when it is missing, and it is never removed by this program.
FOLDER = os.path.join(os.getcwd(), "data")


def names(folder=FOLDER):
    return sorted(os.listdir(folder))
"""


def test_each_line_is_said_to_be_code_or_something_else(tmp_path: Path) -> None:
    (tmp_path / "one").write_text(LINES, encoding="utf-8")
    result = call("classify", tmp_path / "one", "--lines", "--json")
    (found,) = json.loads(result.stdout)["files"]
    assert [kind is None for kind in found["lines"]] == [not line for line in LINES.split("\n")]
    assert found["lines"][2:4] == ["comment", "comment"]
    assert found["lines"][7:9] == ["code", "code"]
    shown = call("classify", tmp_path / "one", "--lines").stdout.splitlines()
    assert shown[0].split()[1] == found["language"]
    assert len(shown) == 1 + len(found["lines"])
    assert shown[3].startswith("comment   # The folder")


def test_what_cannot_be_classified_is_refused(tmp_path: Path, tiny_registry: Registry) -> None:
    assert tiny_registry.current_name() == "tiny"
    (tmp_path / "empty").touch()
    (tmp_path / "one").write_text(LINES, encoding="utf-8")
    for name, options, message in (
        ("empty", [], "is empty"),
        ("missing", [], "does not exist"),
        ("one", ["--model", "tiny"], "--model base"),
    ):
        with pytest.raises(UserError, match=message):
            call("classify", tmp_path / name, *options)
    assert call("classify", tmp_path / "one").exit_code == 0  # the base, whatever serves


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize("name", BEGINNINGS)
def test_an_empty_file_begins_as_files_of_its_name_do(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    result = call("complete", tmp_path / name, "-n", "4", "--json")
    texts = [one["text"] for one in json.loads(result.stdout)["items"]]
    assert texts[0].startswith(BEGINNINGS[name])
    assert len(set(texts)) == len(texts)


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize("words", commands(ROOT / "docs" / "readout.md"), ids=" ".join)
def test_every_call_that_the_page_shows_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "package.json").touch()
    (tmp_path / "shop").mkdir()
    for name in ("app.py", "notes", "shop/names.py"):
        (tmp_path / name).write_text(LINES, encoding="utf-8")
    (tmp_path / "shop" / "new.py").touch()
    assert call(*words).exit_code == 0
