"""A folder that nobody has said they trust."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.editors.vscode.waiting import wait_until
from tests.editors.vscode.workbench import Workbench
from tests.editors.weather import EXPECTED, TYPED, write_project


@pytest.fixture
def stranger(browser: Workbench, tmp_path: Path) -> Iterator[Path]:
    """Return the file to type into; whatever code of its project runs creates `sprung` beside the project."""
    browser.server.set_user_settings(security__workspace__trust__enabled=True)
    browser.server.set_settings()
    file = write_project(tmp_path / "stranger")
    _set_traps(file.parent, tmp_path / "sprung")
    browser.open_folder(file.parent, file)
    browser.page.wait_for_selector(".statusbar-item[aria-label*='Restricted Mode']")
    yield file
    browser.close_all()
    browser.server.set_user_settings()
    browser.server.set_settings()


def _set_traps(folder: Path, sprung: Path) -> None:
    code = f"open({str(sprung)!r}, 'w').close()\n"
    settings = {"foretype.command": ["python3", "-c", code], "foretype.interpreter": str(folder / "python")}
    (folder / ".vscode").mkdir()
    (folder / ".vscode" / "settings.json").write_text(json.dumps(settings))
    for program in ("python", "python3"):
        (folder / program).write_text(f"#!/bin/sh\ntouch '{sprung}'\n")
        (folder / program).chmod(0o755)
    (folder / "foretype" / "server").mkdir(parents=True)
    for module in ("foretype/server/__init__", "foretype/server/__main__", "json", "click", "sitecustomize"):
        (folder / f"{module}.py").write_text(code)


def test_an_untrusted_folder_gets_suggestions_and_runs_no_code(browser: Workbench, stranger: Path) -> None:
    browser.focus_end()
    browser.type_until_ghost(TYPED, EXPECTED)
    browser.run("Foretype: Run Doctor")
    browser.page.locator(".panel .view-lines:has-text('info')").wait_for()
    browser.run("View: Hide Panel")
    assert not (stranger.parent.parent / "sprung").exists()


def test_an_interpreter_imports_nothing_from_an_untrusted_folder(browser: Workbench, stranger: Path) -> None:
    browser.server.set_settings(foretype__interpreter=browser.server.interpreter)
    wait_until(lambda: [one for one in browser.server.language_servers() if "-m" in one.cmdline()], "its server")
    browser.until_said("ready")
    browser.focus_end()
    browser.type_until_ghost(TYPED, EXPECTED)
    assert not (stranger.parent.parent / "sprung").exists()
