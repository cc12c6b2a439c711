"""One VS Code and one browser for all tests; a project for each file of tests, a file of it for each test."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from tests.editors.installation import installed
from tests.editors.vscode.code_server import ROOT, CodeServer, build_extension, code_server, node_folder
from tests.editors.vscode.workbench import Workbench, workbench
from tests.editors.weather import OPENED, write_project

_FAILURES = ROOT / "build" / "editors" / "vscode-failures"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def vscode() -> Path:
    """Return the folder in which VS Code's workbench is installed."""
    return installed("vscode")


@pytest.fixture(scope="session")
def vsix(vscode: Path) -> Path:
    """Return the extension, built from what is there now."""
    return build_extension(node_folder(vscode))


@pytest.fixture(scope="session")
def server(vscode: Path, vsix: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CodeServer]:
    """Serve the workbench until all tests are over."""
    with code_server(vscode, vsix, tmp_path_factory.mktemp("vscode")) as serving:
        yield serving


@pytest.fixture(scope="session")
def browser(server: CodeServer) -> Iterator[Workbench]:
    """Open the browser until all tests are over."""
    with workbench(server) as opened:
        yield opened


@pytest.fixture(scope="module")
def project(browser: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a project that is open in a window of its own."""
    folder = write_project(tmp_path_factory.mktemp("project") / "weather").parent
    browser.server.set_user_settings()
    browser.server.set_settings()
    browser.open_folder(folder)
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Take a picture of what a failed test has left on the screen."""
    report = yield
    browser = getattr(item, "funcargs", {}).get("browser")
    if report.failed and isinstance(browser, Workbench):
        browser.screenshot(_FAILURES / f"{item.name}-{call.when}.png")
    return report


@pytest.fixture
def window(browser: Workbench, project: Path) -> Iterator[Workbench]:
    """Return the window; afterwards settings and files are as before and no editor is open."""
    files = set(project.iterdir())
    yield browser
    browser.server.set_settings()
    if "paused" in browser.status:
        browser.run("Foretype: Resume Suggestions")
    browser.close_all()
    for file in set(project.iterdir()) - files:
        file.unlink()  # what one test has typed would be remembered for the next


@pytest.fixture
def document(window: Workbench, project: Path) -> Path:
    """Return a file of the project that is open, with the caret at its end."""
    file = project / f"hill_{next(_numbers)}.py"
    file.write_text(OPENED, encoding="utf-8")
    window.open_file(file)
    return file
