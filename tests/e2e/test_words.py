"""Networks of words through the real command line: learnt, scored, generated from, completed with, served."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import write_project
from tests.e2e.test_cli import assert_refused, foretype

from foretype.model.registry import DATA_DIR_VARIABLE, Registry
from foretype.training.lsp_client import SERVER, LspClient
from foretype.training.server_editor import ServerEditor


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("words") / "project", 12)


@pytest.fixture(scope="module")
def learnt(project: Path) -> dict[str, object]:
    """Return what `foretype train --unit word` reported; the model is in a data directory beside the project."""
    options = ("--unit", "word", "--epochs", 200, "--hidden", 64, "--layers", 1, "--name", "words", "--json")
    result = foretype("train", project, *options, **{DATA_DIR_VARIABLE: str(project.parent / "data")})
    assert result.returncode == 0, result.stderr
    assert "words have a token" in result.stderr
    report: dict[str, object] = json.loads(result.stdout)
    return report


@pytest.fixture
def words(project: Path, learnt: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Return the registry in which the network of words serves."""
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(project.parent / "data"))
    assert learnt["promoted"]
    return Registry.default()


def test_training_reports_what_it_always_does(learnt: dict[str, object], words: Registry) -> None:
    assert set(learnt) == {"name", "version", "promoted", "serves", "memory", "held_out", "generic", "seconds"}
    assert words.current_name() == "words"
    assert words.find().vocabulary().pieces


def test_score_tells_bits_per_byte_and_perplexity_per_word_of_words_and_bytes(words: Registry, project: Path) -> None:
    path = project / "names_3.py"
    for model in ("words", "base"):
        report = json.loads(foretype("score", path, "--model", model, "--json").stdout)
        [row] = report["files"]
        count = len(path.read_bytes().split())
        bits = row["bits_per_byte"] * row["bytes"]
        assert row["perplexity_per_word"] == pytest.approx(2 ** (bits / count), rel=1e-3)
        assert report["perplexity_per_word"] == row["perplexity_per_word"]
        assert report["bits_per_byte"] == row["bits_per_byte"]
    assert "perplexity per word" in foretype("score", path).stdout
    assert words.current_name() == "words"


def test_the_network_alone_predicts_what_it_learnt(words: Registry, project: Path) -> None:
    alone = ("--without", "memory,document", "--json")
    report = json.loads(foretype("score", project / "names_3.py", *alone).stdout)
    assert report["bits_per_byte"] < 1.5
    assert words.current_name() == "words"


@pytest.mark.parametrize("temperature", ["0", "0.8"])
def test_it_writes_text_of_the_kind_that_it_learnt(words: Registry, temperature: str) -> None:
    options = ("--prompt", "def visit(", "--length", "120", "--temperature", temperature, "--seed", "2")
    result = foretype("generate", *options)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("def visit(")
    assert len(result.stdout) == len("def visit(") + 120 + 1
    assert "name" in result.stdout
    assert foretype("generate", *options).stdout == result.stdout
    assert words.current_name() == "words"


def test_it_finishes_a_line_within_a_word(words: Registry, tmp_path: Path) -> None:
    new = tmp_path / "names_12.py"
    new.write_text("def visit(na", encoding="utf-8")
    report = json.loads(foretype("complete", new, "--temperature", "0", "--json").stdout)
    assert report["items"][0]["text"].startswith("mes: list[str]"), report
    assert words.current_name() == "words"


def test_it_serves_and_a_typed_document_is_answered_like_a_fresh_one(words: Registry, tmp_path: Path) -> None:
    with LspClient(SERVER) as client:
        client.initialize(options={"eagerness": 1})
        typed = ServerEditor(client, tmp_path / "names_12.py", "python")
        for character in "def visit(":
            typed.insert(character)
        suggested = wait_for(typed.ask)
        typed.close()
        assert suggested.startswith("names")
        opened = ServerEditor(client, tmp_path / "names_12.py", "python")
        opened.insert("def visit(")
        assert opened.ask() == suggested
        assert client.close() == 0
    assert words.current_name() == "words"


def wait_for(ask: Callable[[], str]) -> str:
    """Ask until the model is loaded."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if found := ask():
            return found
    raise AssertionError("no suggestion within 30 seconds")


def test_words_and_bytes_are_not_adapted_to_each_other(words: Registry, project: Path) -> None:
    assert_refused(foretype("train", project, "--unit", "word", "--from", "base"), "base reads bytes")
    assert_refused(foretype("train", project, "--unit", "byte", "--from", "words"), "words reads words")
    assert_refused(foretype("train", project, "--unit", "sentence"), "'sentence' is not one of")
    assert words.versions("words") == ["0001"]


def test_training_under_its_name_goes_on_in_words_and_the_list_says_so(words: Registry, project: Path) -> None:
    learnt = foretype("train", project, "--epochs", "0.1", "--json")
    assert learnt.returncode == 0, learnt.stderr
    assert "words adapts to it" in learnt.stderr
    listed = json.loads(foretype("models", "list", "--json").stdout)
    assert [(row["name"], row["unit"]) for row in listed["models"]] == [("base", "byte"), ("words", "word")]
    assert "(words)" in foretype("models").stdout
    assert words.version("words", json.loads(learnt.stdout)["version"]).config.unit == "word"
