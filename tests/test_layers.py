"""The structure that the design promises: which part may import which, and a map that names every file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PARTS = {"model": ROOT / "model", "server": ROOT / "server", "training": ROOT / "training"}

# part -> parts that it must not import
FORBIDDEN = {"model": ("server", "training"), "server": ("training",), "training": ("server",)}

TORCH_FILES = {"model/foretype/model/network.py"}
"""Files outside training/ that may import torch."""

LSP_FILES = {"app.py", "extensions.py", "handlers.py", "protocol.py", "translation.py", "workspace.py"}
"""Files of the server that may know LSP's types."""

LONGEST_FILE_LINES = 320
LONGEST_FUNCTION_LINES = 45


def sources() -> list[Path]:
    return sorted(path for folder in PARTS.values() for path in (folder / "foretype").rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("part", PARTS)
def test_imports_point_one_way(part: str) -> None:
    wrong = [
        f"{name(path)} imports {module}"
        for path in PARTS[part].rglob("*.py")
        for module in imported(path)
        for other in FORBIDDEN[part]
        if module == f"foretype.{other}" or module.startswith(f"foretype.{other}.")
    ]
    assert wrong == []


def test_torch_is_imported_for_training_only() -> None:
    found = {name(path) for path in sources() if any(m.split(".")[0] == "torch" for m in imported(path))}
    assert {path for path in found if not path.startswith("training/")} == TORCH_FILES


def test_protocol_types_stay_in_the_protocol_layer() -> None:
    found = {path.name for path in sources() if any(m.split(".")[0] in ("lsprotocol", "pygls") for m in imported(path))}
    assert found == LSP_FILES


def test_no_file_hides_the_other_parts_of_the_namespace() -> None:
    assert [name(folder / "foretype") for folder in PARTS.values() if (folder / "foretype/__init__.py").exists()] == []


def test_every_source_file_is_on_the_map_and_the_map_names_no_other() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    on_map = set(re.findall(r"^ +([a-z_/]+\.py) ", readme, flags=re.MULTILINE))
    there = {name(path).split("/foretype/")[1].split("/", 1)[1] for path in sources()}
    assert on_map == {path for path in there if not path.endswith("/__init__.py")}


def test_every_file_and_function_can_be_read_in_one_go() -> None:
    long = [name(path) for path in sources() if len(path.read_text().splitlines()) > LONGEST_FILE_LINES]
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                lines = node.end_lineno - node.lineno + 1
                if lines > LONGEST_FUNCTION_LINES:
                    long.append(f"{name(path)}:{node.name} has {lines} lines")
    assert long == []


def test_every_module_says_what_it_is() -> None:
    assert [name(path) for path in sources() if not ast.get_docstring(ast.parse(path.read_text()))] == []
