"""Training started from the editor."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import psutil
import pytest
from tests.editors.vscode.waiting import wait_until
from tests.editors.vscode.workbench import Workbench


@pytest.fixture(autouse=True, scope="module")
def nothing_learnt_stays(browser: Workbench) -> Iterator[None]:
    """Forget what these tests have learnt: it would change the suggestions in all others."""
    yield
    shutil.rmtree(browser.server.data)


def training_processes(window: Workbench) -> list[psutil.Process]:
    return [one for one in window.server.processes() if "train" in one.cmdline()]


@pytest.mark.usefixtures("document")
def test_training_shows_its_progress_and_tells_its_result(window: Workbench) -> None:
    window.server.set_settings(foretype__trainMinutes=0.2)
    window.run("Foretype: Train on This Folder")
    window.until_notified("Foretype learns")
    window.until_notified("% · ")
    window.until_notified("bits per byte on files it had not seen")
    assert training_processes(window) == []


@pytest.mark.usefixtures("document")
def test_remembering_alone_takes_no_training(window: Workbench) -> None:
    window.server.set_settings(foretype__trainMinutes=0)
    window.run("Foretype: Train on This Folder")
    assert window.until_notified("remembers")


@pytest.mark.usefixtures("document")
def test_training_ends_with_the_window(window: Workbench) -> None:
    window.server.set_settings(foretype__trainMinutes=30)
    window.run("Foretype: Train on This Folder")
    window.until_notified("% · ")
    (training,) = training_processes(window)
    window.run("Developer: Reload Window")
    # sooner than it would find out by itself that nobody reads its progress
    training.wait(timeout=10)
    window.until_status("Foretype")


@pytest.mark.usefixtures("document")
def test_training_that_is_cancelled_ends_and_can_go_on(window: Workbench) -> None:
    window.server.set_settings(foretype__trainMinutes=30)
    window.run("Foretype: Train on This Folder")
    window.until_notified("% · ")
    assert len(training_processes(window)) == 1
    window.run("Foretype: Train on This Folder")
    window.until_notified("learning already")
    window.cancel_progress("Foretype learns")
    window.until_notified("training was cancelled")
    wait_until(lambda: training_processes(window) == [], "the end of training")
    assert window.page.locator(".notifications-toasts .monaco-button:has-text('Resume')").count() == 1
