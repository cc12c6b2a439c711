"""ONNX Runtime that fails, at work or at the start: an empty answer that says so, one line in the log, no end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from tests.conftest import TINY, random_weights
from tests.e2e.test_stdio import ASK, ask_until_loaded, open_document

from foretype.model import mixture
from foretype.model.engine import Engine
from foretype.model.errors import CheckpointError
from foretype.model.export import build_graph, export
from foretype.model.registry import Registry
from foretype.model.session import Session
from foretype.model.suggest import SuggestOptions, suggest
from foretype.model.tokens import header
from foretype.model.window import Prefix
from foretype.server import cli
from foretype.training.lsp_client import SERVER, LspClient

_SECONDS = 60


def rows_far_outside(graph: onnx.GraphProto) -> None:
    """Look for the embedding of a token that no table has."""
    graph.initializer.append(numpy_helper.from_array(np.array(1 << 20), "far"))
    graph.node[0].input[1] = "shifted"
    graph.node.insert(0, helper.make_node("Add", ["tokens", "far"], ["shifted"]))


def a_shape_that_no_text_has(graph: onnx.GraphProto) -> None:
    """Want exactly ninety-one tokens."""
    graph.initializer.append(numpy_helper.from_array(np.array([7, 13]), "wanted"))
    graph.node[0].input[1] = "reshaped"
    graph.node.insert(0, helper.make_node("Reshape", ["tokens", "wanted"], ["reshaped"]))


def lanes_in_place_of_time(graph: onnx.GraphProto) -> None:
    """Answer with axes exchanged, which the runtime does not mind."""
    graph.node[-1].output[0] = "exchanged"
    graph.node.append(helper.make_node("Transpose", ["exchanged"], ["logits"], perm=[1, 0, 2]))


BREAKS: list[Callable[[onnx.GraphProto], None]] = [rows_far_outside, a_shape_that_no_text_has, lanes_in_place_of_time]


def broken(break_it: Callable[[onnx.GraphProto], None]) -> bytes:
    model = build_graph(TINY, random_weights(TINY))
    break_it(model.graph)
    return bytes(model.SerializeToString())


def serve_broken(registry: Registry, break_it: Callable[[onnx.GraphProto], None]) -> None:
    registry.promote("broken", registry.add("broken", TINY, random_weights(TINY), broken(break_it), {}))
    registry.use("broken")


def opened(client: LspClient) -> None:
    client.initialize()
    open_document(client)
    deadline = time.monotonic() + _SECONDS
    while not client.request("foretype/status")["result"]["model"]["loaded"] and time.monotonic() < deadline:
        time.sleep(0.02)


@pytest.mark.parametrize("break_it", BREAKS)
def test_a_graph_that_fails_while_it_runs_says_so_in_one_line(break_it: Callable[[onnx.GraphProto], None]) -> None:
    engine = Engine(TINY, broken(break_it))
    with pytest.raises(CheckpointError, match="the graph fails while it runs") as failure:
        engine.prefill(b"two", engine.zero_state())
    assert "\n" not in str(failure.value)


def test_a_graph_that_forgets_a_state_is_refused_before_it_runs() -> None:
    model = build_graph(TINY, random_weights(TINY))
    del model.graph.output[1]
    with pytest.raises(CheckpointError, match="does not fit its configuration"):
        Engine(TINY, bytes(model.SerializeToString()))


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_network_that_answers_with_numbers_that_are_none_is_passed_over(number: float) -> None:
    weights = random_weights(TINY)
    weights["head.bias"][:] = number
    engine = Engine(TINY, export(TINY, weights))
    session = Session(engine, header("a.py", "python"), mixture.shipped())
    answer = suggest(
        session, Prefix.of(b"for value in values:\n    print(value)\nfor v"), "", SuggestOptions(asked=True)
    )
    assert [one.text[:4] for one in answer.suggestions] == ["alue"]


@pytest.mark.parametrize("break_it", BREAKS)
def test_a_server_whose_network_fails_answers_nothing_says_why_once_and_recovers_with_the_next_model(
    tiny_registry: Registry, tmp_path: Path, break_it: Callable[[onnx.GraphProto], None]
) -> None:
    serve_broken(tiny_registry, break_it)
    log = tmp_path / "server.log"
    with LspClient((*SERVER, "--log-file", str(log))) as client:
        opened(client)
        for _ in range(3):
            assert client.request("textDocument/inlineCompletion", ASK)["result"]["items"] == []
        status = client.request("foretype/status")["result"]
        assert status["last_silence"] == "failed"
        assert status["silences"] == {"failed": 3}
        (line,) = log.read_text().splitlines()
        assert "network.onnx fails while it runs" in line
        tiny_registry.use("tiny")
        assert ask_until_loaded(client)
        assert client.close() == 0


@pytest.mark.parametrize("break_it", BREAKS)
def test_a_command_whose_network_fails_ends_in_one_line(
    tiny_registry: Registry,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    break_it: Callable[[onnx.GraphProto], None],
) -> None:
    serve_broken(tiny_registry, break_it)
    (tmp_path / "a.py").write_text("def visit(names):\n")
    for command in (["complete", str(tmp_path / "a.py")], ["score", str(tmp_path / "a.py")], ["generate"]):
        assert cli._run(command) == 2
        said = capsys.readouterr().err
        assert "network.onnx fails while it runs" in said
        assert said.count("\n") == 1


@pytest.fixture
def without_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let every process that is started find an ONNX Runtime whose library does not load; return its folder."""
    folder = tmp_path / "path" / "onnxruntime"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("raise ImportError('libonnxruntime.so.1: cannot open shared object file')\n")
    monkeypatch.setenv("PYTHONPATH", str(folder.parent), prepend=os.pathsep)
    return folder


def test_a_server_without_onnx_runtime_answers_from_its_memories_and_recovers_when_it_is_there(
    tiny_registry: Registry, tmp_path: Path, without_runtime: Path
) -> None:
    assert tiny_registry.current_name() == "tiny"
    log = tmp_path / "server.log"
    with LspClient((*SERVER, "--log-file", str(log))) as client:
        opened(client)
        status = client.request("foretype/status")["result"]
        assert status["model"] == {"loaded": True, "network": False}
        client.request("textDocument/inlineCompletion", ASK)
        (line,) = [line for line in log.read_text().splitlines() if "ONNX Runtime" in line]
        assert "libonnxruntime.so.1" in line
        (without_runtime / "__init__.py").unlink()
        without_runtime.rmdir()
        deadline = time.monotonic() + _SECONDS
        while not client.request("foretype/status")["result"]["model"]["network"] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert client.request("foretype/status")["result"]["model"]["network"]
        assert client.close() == 0
    assert "Traceback" not in log.read_text()


def test_a_command_without_onnx_runtime_ends_in_one_line_that_says_what_to_do(
    tiny_registry: Registry, tmp_path: Path, without_runtime: Path
) -> None:
    assert tiny_registry.root
    assert without_runtime.is_dir()
    (tmp_path / "a.py").write_text("def visit(names):\n")
    command = [sys.executable, "-P", "-m", "foretype.server", "complete", str(tmp_path / "a.py")]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 2, said
    assert said.stderr.startswith("foretype: ONNX Runtime cannot be loaded")
    assert "pip install" in said.stderr
    assert said.stderr.count("\n") == 1


def test_doctor_names_a_network_that_fails(tiny_registry: Registry, capsys: pytest.CaptureFixture[str]) -> None:
    serve_broken(tiny_registry, rows_far_outside)
    assert cli._run(["doctor", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert any("fails while it runs" in json.dumps(finding) for finding in found["findings"])
