"""`foretype doctor`: what works is said to work, what is broken is named together with what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from foretype.model.registry import Registry
from foretype.server import doctor
from foretype.server.doctor import examine


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "foretype.server", "doctor", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.usefixtures("registry")
def test_a_whole_installation_is_found_to_work_without_a_network() -> None:
    ended = run("--json")
    report: dict[str, Any] = json.loads(ended.stdout)
    assert ended.returncode == 0, report
    assert report["works"] is True
    assert {"model", "native library", "suggestion", "server"} <= {finding["part"] for finding in report["findings"]}


def test_a_damaged_model_is_named_with_what_to_do(tiny_registry: Registry) -> None:
    version = tiny_registry.promoted("tiny")
    (network,) = tiny_registry.root.glob(f"models/tiny/{version}/network.onnx")
    network.write_bytes(network.read_bytes()[:100])
    ended = run()
    assert ended.returncode == 1
    (line,) = [line for line in ended.stdout.splitlines() if line.startswith("NO  model ")]
    assert "CheckpointError" in line
    assert "foretype models use base" in ended.stdout


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FORETYPE_DATA_DIR", str(tmp_path / "file" / "data"))
    monkeypatch.setattr(doctor, "_PARTS", tuple(part for part in doctor._PARTS if part[0] == "data folder"))
    (finding,) = examine()
    assert not finding.works
    assert "FORETYPE_DATA_DIR" in finding.advice
