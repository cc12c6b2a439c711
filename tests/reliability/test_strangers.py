"""Models, memories and projects from strangers: nothing in them is run, nothing outside of them is read."""

from __future__ import annotations

import json
import os
import stat
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import write_project

from foretype.model import checkpoint, files, memory, segment
from foretype.model.checkpoint import Checkpoint
from foretype.model.config import Config
from foretype.model.errors import CheckpointError
from foretype.model.registry import DATA_DIR_VARIABLE, Registry, close_to_others, data_dir
from foretype.server import cli, doctor
from foretype.training.lsp_client import LspClient

posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows has other rights, and links for administrators only")


def test_no_module_of_an_open_project_is_run(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, ran = write_project(tmp_path / "project", 3), tmp_path / "ran"
    trap = f"open({str(ran)!r}, 'a').write(__name__ + '\\n')\n"
    for name in ("click", "numpy", "json", "logging", "psutil", "sitecustomize", "usercustomize", "foretype"):
        (project / f"{name}.py").write_text(trap)
    monkeypatch.chdir(project)  # as editors do
    with LspClient() as client:
        client.initialize(root=project)
        deadline = time.monotonic() + 60
        while not client.request("foretype/status")["result"]["memory"]["bytes"] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert client.close() == 0
    assert memory.load(memory.folder_of(registry.root / "memories", project))
    assert not ran.exists(), ran.read_text()


@pytest.mark.parametrize(
    "name",
    ["config.json", "network.onnx", "weights.safetensors", "metrics.json", "sources.json", "readout.safetensors"],
)
@posix_only
def test_a_file_of_a_model_that_lies_elsewhere_in_truth_is_refused(
    tiny_checkpoint: Checkpoint, tmp_path: Path, name: str
) -> None:
    elsewhere, here = tmp_path / name, tiny_checkpoint.folder / name
    elsewhere.write_bytes(here.read_bytes() if here.exists() else b"{}")
    here.unlink(missing_ok=True)
    here.symlink_to(elsewhere)
    with pytest.raises(CheckpointError, match="leads out of its folder"):
        checkpoint.load(tiny_checkpoint.folder)


def test_a_graph_whose_weights_lie_in_other_files_is_refused(tiny_checkpoint: Checkpoint, tmp_path: Path) -> None:
    import onnx

    graph = onnx.load(tiny_checkpoint.folder / "network.onnx")
    (tmp_path / "private").write_bytes(bytes(1 << 16))
    weight = max(graph.graph.initializer, key=lambda one: len(one.raw_data))
    weight.ClearField("raw_data")
    weight.data_location = onnx.TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../private")
    changed = graph.SerializeToString()
    (tiny_checkpoint.folder / "network.onnx").write_bytes(changed)
    about = json.loads((tiny_checkpoint.folder / "config.json").read_text())
    about["files"]["network.onnx"] = len(changed)
    (tiny_checkpoint.folder / "config.json").write_text(json.dumps(about))
    with pytest.raises(CheckpointError, match="weights in other files"):
        checkpoint.load(tiny_checkpoint.folder).engine()


@pytest.mark.parametrize(
    "values",
    [{"n_layer": 10**9}, {"d_model": 10**9}, {"d_embed": 10**18}, {"vocab_size": 2**40}, {"d_model": 10**400}],
)
def test_a_shape_that_no_machine_could_hold_is_refused_before_anything_is_made_of_it(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at most"):
        Config.from_json(values)


def test_a_header_of_weights_that_declares_absurd_sizes_is_refused(tiny_checkpoint: Checkpoint) -> None:
    path = tiny_checkpoint.folder / "weights.safetensors"
    size = path.stat().st_size
    declared = {"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}
    for header in (json.dumps(declared).encode(), b'{"a": 1}'):
        for length in (len(header), 2**62):
            path.write_bytes((length.to_bytes(8, "little") + header).ljust(size, b"\0"))
            with pytest.raises(CheckpointError, match="damaged"):
                checkpoint.load(tiny_checkpoint.folder).weights()


@pytest.fixture
def saved_segment(tmp_path: Path) -> Path:
    segment.save(segment.build([("a.py", b"one = 1\n" * 40), ("b.py", b"two = 2\n")]), tmp_path / "one")
    return tmp_path / "one"


@pytest.mark.parametrize("rows", [2**40, 2**62, 10**30])
def test_an_index_that_declares_absurd_counts_is_refused_without_room_being_made(
    saved_segment: Path, rows: int
) -> None:
    for array in saved_segment.glob("*.npy"):
        whole = array.read_bytes()
        found = np.load(array)
        shape = f"({rows},{', '.join(map(str, found.shape[1:]))})"
        header = f"{{'descr': '{found.dtype.str}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
        array.write_bytes(whole[:8] + len(header).to_bytes(2, "little") + header.encode() + whole[128:])
        with pytest.raises(CheckpointError, match="no whole segment"):
            segment.load(saved_segment)
        array.write_bytes(whole)
    assert segment.load(saved_segment)


@pytest.mark.parametrize(
    "changed",
    [
        {"nbytes": 2**50},
        {"nbytes": -1},
        {"nbytes": 8.0},
        {"nbytes": True},
        {"start": 2**50},
        {"start": 0},
        {"row": 2**40},
        {"row": -1},
        {"row": "1"},
        {"key": 3},
        {"digest": None},
        {"more": 1},
    ],
)
def test_a_file_of_an_index_that_lies_nowhere_is_refused(saved_segment: Path, changed: dict[str, object]) -> None:
    about = json.loads((saved_segment / "segment.json").read_text())
    about["files"][0] |= changed
    (saved_segment / "segment.json").write_text(json.dumps(about))
    with pytest.raises(CheckpointError, match="no whole segment"):
        segment.load(saved_segment)


@posix_only
def test_an_index_is_read_from_its_own_folder_only(saved_segment: Path, tmp_path: Path) -> None:
    (saved_segment / "text.npy").rename(tmp_path / "text.npy")
    (saved_segment / "text.npy").symlink_to(tmp_path / "text.npy")
    with pytest.raises(CheckpointError, match="is a link"):
        segment.load(saved_segment)


@posix_only
def test_what_is_kept_is_open_to_the_user_alone(registry: Registry, tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", 2)
    before = os.umask(0o022)
    try:
        with LspClient() as client:
            client.initialize(root=project)
            while not (registry.root / "memories").exists():
                client.request("foretype/status")
    finally:
        os.umask(before)
    assert stat.S_IMODE(registry.root.stat().st_mode) == 0o700
    assert stat.S_IMODE((registry.root / "memories").stat().st_mode) == 0o700


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the data directory in the place that the platform has for it, made when others' rights were not minded."""
    monkeypatch.delenv(DATA_DIR_VARIABLE, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    data_dir().mkdir(parents=True)
    data_dir().chmod(0o755)
    return data_dir()


@posix_only
def test_a_data_directory_of_an_older_version_is_closed_to_others_by_a_server(older: Path) -> None:
    with LspClient() as client:
        client.initialize()
        client.request("foretype/status")
    assert stat.S_IMODE(older.stat().st_mode) == 0o700


@posix_only
def test_a_data_directory_of_an_older_version_is_closed_to_others_by_a_command(older: Path, tmp_path: Path) -> None:
    assert cli._run(["index", str(write_project(tmp_path / "project", 2))]) == 0
    assert stat.S_IMODE(older.stat().st_mode) == 0o700


@posix_only
def test_a_data_directory_that_the_user_names_may_be_shared_on_purpose_and_doctor_says_that_it_is(
    tiny_registry: Registry, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_registry.root.chmod(0o750)
    assert cli._run(["index", str(write_project(tmp_path / "project", 2))]) == 0
    assert stat.S_IMODE(tiny_registry.root.stat().st_mode) == 0o750
    capsys.readouterr()
    cli._run(["doctor", "--json"])
    (found,) = [one for one in json.loads(capsys.readouterr().out)["findings"] if "others" in one["text"]]
    assert found["advice"] == f"chmod 700 {tiny_registry.root}"
    tiny_registry.root.chmod(0o700)
    assert list(doctor._rights()) == []


@posix_only
def test_a_data_directory_that_is_a_link_leads_to_no_change_of_rights(older: Path, tmp_path: Path) -> None:
    older.rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    older.symlink_to(tmp_path / "elsewhere")
    close_to_others()
    assert stat.S_IMODE((tmp_path / "elsewhere").stat().st_mode) & 0o055


def test_no_rule_in_a_project_opens_a_file_of_keys_or_a_link(tmp_path: Path) -> None:
    for rules in (".gitignore", ".foretypeignore"):
        (tmp_path / rules).write_text("!*\n!.env\n!id_rsa\n!inner/\n!.hidden/\n!node_modules\n")
    for name in (".env", "id_rsa", "server.pem", ".hidden/a.py", "node_modules/a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("secret = 1\n")
    (tmp_path / "plain.py").write_text("plain = 1\n")
    assert [key for _, key in files.candidates(tmp_path, {})] == [".foretypeignore", ".gitignore", "plain.py"]


def test_ignore_rules_that_never_end_are_not_waited_for(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows has no such pipes")
    os.mkfifo(tmp_path / ".gitignore")
    (tmp_path / ".foretypeignore").symlink_to("/dev/zero")
    (tmp_path / "plain.py").write_text("plain = 1\n")
    assert [key for _, key in files.candidates(tmp_path, {})] == ["plain.py"]
