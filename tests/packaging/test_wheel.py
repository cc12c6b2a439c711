"""What a release installs, built from the source distribution, put where there is nothing and asked to suggest."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import time
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

import pytest
from tests.packaging.wheelhouse import missing, repack, required

from foretype.model.version import VERSION
from foretype.training.lsp_client import LspClient

ROOT = Path(__file__).parents[2]
TEXT = "def visit(names):\n    for name in names:\n        print(name)\n\n\ndef visit_all(names):\n    for name in na"
COMPILERS = ("cc", "gcc", "clang")
PATIENCE_SECONDS = 60
LARGEST_INSTALLATION_BYTES = 220_000_000
"""Three quarters are ONNX Runtime and numpy, without which it does not run; see docs/performance.md."""


@dataclass(frozen=True)
class Installation:
    """Hold a virtual environment that has the wheel and what it asks for, and nothing else."""

    folder: Path
    data: Path

    @property
    def scripts(self) -> Path:
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        return self.scripts / ("python.exe" if os.name == "nt" else "python")

    @property
    def environment(self) -> dict[str, str]:
        """Only its own commands are on the path: no compiler, no other Python."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        return {**kept, "PATH": str(self.scripts), "PYTHONPATH": "", "FORETYPE_DATA_DIR": str(self.data)}

    def command(self, name: str, *arguments: str | Path) -> list[str]:
        """Return what starts one of its commands, without a network where the system can take it away."""
        return [*without_network(), str(self.scripts / name), *map(str, arguments)]

    def run(self, name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(name, *arguments), env=self.environment, capture_output=True, text=True, check=False
        )


def without_network() -> list[str]:
    """Return the words before a command that leave it no network; none where there are no such words."""
    unshare = shutil.which("unshare")
    words = [unshare, "--map-root-user", "--net"] if unshare else []
    return words if words and subprocess.run([*words, sys.executable, "-c", ""], check=False).returncode == 0 else []


def build(source: Path, target: str, folder: Path) -> Path:
    """Return what hatchling builds from `source`: a wheel or an sdist."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.iterdir())


def contents(wheel: Path) -> dict[str, int]:
    """Return the checksum of each file in a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not any(map(shutil.which, COMPILERS)) and importlib.util.find_spec("ziglang") is None:
        pytest.skip("there is neither a C compiler nor ziglang, which a build without a network would need")
    return build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def unpacked(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.iterdir())


@pytest.fixture(scope="module")
def wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(unpacked, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installation(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    if reason := missing("foretype"):
        pytest.skip(f"no wheels can be made of what foretype needs: {reason}")
    house = tmp_path_factory.mktemp("wheelhouse")
    for needed in required("foretype").values():
        repack(needed, house)
    made = Installation(tmp_path_factory.mktemp("clean") / "venv", tmp_path_factory.mktemp("data"))
    venv.create(made.folder)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(made.python),
        "install",
        "--quiet",
        "--no-index",
        "--no-compile",
    ]
    done = subprocess.run([*pip, "--find-links", str(house), str(wheel)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(house)
    yield made
    shutil.rmtree(made.folder)


def test_a_wheel_is_for_one_platform_and_holds_model_mixture_and_native_library(wheel: Path) -> None:
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    assert wheel.name == f"foretype-{VERSION}-py3-none-{platform}.whl"
    names = set(contents(wheel))
    assert any(name.startswith("foretype/model/_native.") for name in names)
    base = {
        f"foretype/model/base/{name}"
        for name in ("config.json", "network.onnx", "readout.safetensors", "weights.safetensors")
    }
    assert base | {"foretype/model/mixture.safetensors", "foretype/model/py.typed"} <= names
    licences = f"foretype-{VERSION}.dist-info/licenses"
    assert {f"{licences}/LICENSE", f"{licences}/NOTICE", "foretype/training/base/manifest.toml"} <= names
    assert "foretype/__init__.py" not in names
    assert {name.split("/")[0] for name in names} == {"foretype", f"foretype-{VERSION}.dist-info"}


def test_the_source_distribution_builds_the_wheel_that_the_checkout_builds(wheel: Path, tmp_path: Path) -> None:
    # a copy: Windows would not let the library be replaced that this process has loaded
    for part in ("server", "model", "training"):
        shutil.copytree(
            ROOT / part, tmp_path / "copy" / part, ignore=shutil.ignore_patterns("__pycache__", "_native.*")
        )
    for name in ("pyproject.toml", ".gitignore", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, tmp_path / "copy")
    assert contents(build(tmp_path / "copy", "wheel", tmp_path / "dist")) == contents(wheel)


def test_the_source_distribution_brings_the_sources_and_nothing_that_was_built(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = [name.split("/", 1)[1] for name in archive.getnames()]
    assert {"model/native/build.py", "editors/vscode/package.json", "tests/conftest.py", "LICENSE", "NOTICE"} <= set(
        names
    )
    assert [name for name in names if "/_native." in name or "node_modules" in name or name.endswith(".pyc")] == []


def test_there_is_no_compiler_no_torch_and_no_network_in_a_clean_installation(installation: Installation) -> None:
    probe = """
import importlib.util, json, shutil, socket
def reaches():
    try:
        socket.create_connection(("192.0.2.1", 9), timeout=0.1)  # an address that RFC 5737 keeps for documentation
    except OSError as error:
        return error.errno
found = [name for name in ("cc", "gcc", "clang", "cl", "git") if shutil.which(name)]
print(json.dumps([found, bool(importlib.util.find_spec("torch")), reaches()]))
"""
    found, has_torch, error = json.loads(installation.run(installation.python.name, "-c", probe).stdout)
    assert found == []
    assert has_torch is False
    if not without_network():
        pytest.skip("the rest was seen; but no `unshare` that is allowed here takes the network away")
    assert os.strerror(error) == "Network is unreachable"


def test_what_is_installed_does_not_grow_unnoticed(installation: Installation) -> None:
    site = json.loads(
        installation.run(
            installation.python.name, "-c", "import json, sysconfig; print(json.dumps(sysconfig.get_path('purelib')))"
        ).stdout
    )
    sizes = {
        one.name: sum(place.stat().st_size for file in one.files or () if (place := Path(str(file.locate()))).is_file())
        for one in distributions(path=[site])
    }
    largest = sorted(((round(size / 1e6, 1), name) for name, size in sizes.items()), reverse=True)
    assert len(sizes) > 10
    assert sum(sizes.values()) <= LARGEST_INSTALLATION_BYTES, f"megabytes by distribution: {largest}"


def test_the_command_line_of_a_clean_installation_suggests(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "names.py"
    file.write_text(TEXT, encoding="utf-8")
    done = installation.run("foretype", "complete", file, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["items"][0]["text"].startswith("mes:")


def test_the_server_of_a_clean_installation_suggests_over_stdio(installation: Installation) -> None:
    uri = "file:///elsewhere/names.py"
    line = TEXT.count("\n")
    place = {"line": line, "character": len(TEXT.splitlines()[line])}
    ask = {"textDocument": {"uri": uri}, "position": place, "context": {"triggerKind": 1}}
    with LspClient(installation.command("foretype", "serve"), installation.environment) as client:
        assert client.initialize()["result"]["serverInfo"]["version"] == VERSION
        document = {"uri": uri, "languageId": "python", "version": 1, "text": TEXT}
        client.notify("textDocument/didOpen", {"textDocument": document})
        deadline = time.monotonic() + PATIENCE_SECONDS
        items: list[dict[str, str]] = []
        while not items and time.monotonic() < deadline:
            items = client.request("textDocument/inlineCompletion", ask)["result"]["items"]
        assert items[0]["insertText"].startswith("mes:")
        assert client.close() == 0


def test_training_in_a_clean_installation_says_what_brings_it(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "names.py").write_text(TEXT, encoding="utf-8")
    done = installation.run("foretype", "train", tmp_path)
    assert done.returncode == 2
    assert 'pip install "foretype[train]"' in done.stderr
