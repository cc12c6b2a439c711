"""The server behind the suggestions: what the user is told of it, and that there is always exactly one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from tests.editors.environment import isolated_environment
from tests.editors.vscode.waiting import wait_until
from tests.editors.vscode.workbench import Workbench
from tests.editors.weather import EXPECTED, OPENED, TYPED


@contextmanager
def daemon(folder: Path) -> Iterator[str]:
    """Serve any number of editors; return the address."""
    environment = isolated_environment(folder)
    port_file = folder / "port"
    command = ["foretype", "serve", "--tcp", "127.0.0.1:0", "--port-file", str(port_file)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_until(port_file.exists, "the daemon listens")
        yield port_file.read_text().strip()
    finally:
        process.terminate()
        process.wait(timeout=30)


def the_server(window: Workbench) -> psutil.Process:
    """Return the one server's process."""
    servers = wait_until(window.server.language_servers, "a server")
    assert len(servers) == 1
    return servers[0]


def others(window: Workbench, than: psutil.Process) -> list[psutil.Process]:
    """Return the servers that are not the one given."""
    return [one for one in window.server.language_servers() if one != than]


@pytest.mark.usefixtures("document")
def test_the_status_bar_tells_that_it_is_ready(window: Workbench) -> None:
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    window.until_said("ready")
    assert window.status == "Foretype"


@pytest.mark.usefixtures("document")
def test_the_menu_opens_with_a_click_and_has_all_commands(window: Workbench) -> None:
    window.click_status()
    entries = window.menu()
    window.press("Escape")
    assert [entry.split("…")[0] for entry in entries] == [
        "Pause suggestions",
        "Disable for python",
        "Train on this folder",
        "Show statistics",
        "Open log",
        "Run doctor",
        "Settings",
        "Restart server",
        "Set up",
    ]


def test_paused_it_is_silent_until_it_is_resumed(window: Workbench, document: Path) -> None:
    window.choose("Pause suggestions")
    window.until_status("paused")
    window.type(TYPED)
    assert window.saved(document, OPENED + TYPED)
    assert window.ghost == ""
    window.choose("Resume suggestions")
    window.until_said("ready")
    window.press("Control+Backspace")
    window.type_until_ghost(TYPED, EXPECTED)


def test_a_language_is_disabled_and_enabled_from_the_menu(window: Workbench, document: Path) -> None:
    window.choose("Disable for python")
    window.until_status("disabled for python")
    window.type(TYPED)
    assert window.saved(document, OPENED + TYPED)
    assert window.ghost == ""
    window.choose("Enable for python")
    window.until_said("ready")
    window.press("Control+Backspace")
    window.type_until_ghost(TYPED, EXPECTED)


def test_changed_settings_hold_at_once(window: Workbench, document: Path) -> None:
    window.server.set_settings(foretype__enabled=False)
    window.until_status("disabled")
    window.type(TYPED)
    assert window.saved(document, OPENED + TYPED)
    assert window.ghost == ""
    window.server.set_settings(foretype__maxBytes=20)
    window.until_said("ready")
    window.press("Control+Backspace")
    window.type_until(TYPED, lambda: window.ghost == "ter_measurement(", "a short suggestion")
    assert window.notifications == []


@pytest.mark.usefixtures("document")
def test_a_reason_that_lasts_is_told(window: Workbench) -> None:
    window.server.set_settings(foretype__inComments=False)
    window.type("# the")
    window.type_until_status(" station", "in comment")
    assert window.ghost == ""


@pytest.mark.usefixtures("document")
def test_a_server_that_is_killed_is_started_again(window: Workbench) -> None:
    killed = the_server(window)
    killed.kill()
    wait_until(lambda: others(window, than=killed), "a new server")
    window.until_said("ready")
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    assert the_server(window).pid != killed.pid
    assert window.notifications == []


@pytest.mark.usefixtures("document")
def test_a_server_that_keeps_ending_is_given_up_with_one_message(window: Workbench) -> None:
    def given_up() -> bool:
        for server in window.server.language_servers():
            server.kill()
        return window.status == "Foretype: error"

    wait_until(given_up, "an end of the restarts")
    window.until_notified("keeps ending")
    assert len(window.notifications) == 1
    assert window.server.language_servers() == []
    window.click_notification("Restart")
    window.until_said("ready")
    window.type(TYPED)
    window.until_ghost(EXPECTED)


@pytest.mark.usefixtures("document")
def test_many_restarts_at_once_leave_one_server(window: Workbench) -> None:
    for _ in range(4):
        window.run("Foretype: Restart Server")
        assert len(window.server.language_servers()) <= 1
    window.until_said("ready")
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    assert the_server(window).is_running()


@pytest.mark.usefixtures("document")
def test_a_missing_program_is_told_once_with_ways_out(window: Workbench) -> None:
    window.server.set_settings(foretype__command="/nowhere/foretype")
    window.until_status("not found")
    window.until_notified("/nowhere/foretype, which is not a program")
    buttons = window.page.locator(".notifications-toasts .monaco-button").all_text_contents()
    assert [button for button in buttons if "…" in button] == [
        "Choose Interpreter…",
        "Install with pip into a Private Environment…",
    ]
    window.run("Notifications: Clear All Notifications")
    window.run("Foretype: Restart Server")
    window.until_status("not found")
    assert window.notifications == [], "the second time the status bar alone tells"
    window.server.set_settings()
    window.until_said("ready")
    window.type(TYPED)
    window.until_ghost(EXPECTED)


@pytest.mark.usefixtures("document")
def test_pip_is_started_only_after_a_second_question(window: Workbench) -> None:
    window.run("Foretype: Set Up the Python Side…")
    window.click_notification("Install with pip")
    dialog = window.page.locator(".monaco-dialog-box")
    dialog.wait_for()
    assert "pip downloads foretype[train]" in (dialog.text_content() or "")
    window.press("Escape")
    dialog.wait_for(state="detached")
    assert window.page.locator(".terminal-wrapper").count() == 0


@pytest.mark.usefixtures("document")
def test_a_configured_interpreter_serves(window: Workbench) -> None:
    window.server.set_settings(foretype__interpreter=window.server.interpreter)
    wait_until(lambda: [one for one in window.server.language_servers() if "-m" in one.cmdline()], "its server")
    window.until_said("ready")
    window.type(TYPED)
    window.until_ghost(EXPECTED)
    assert the_server(window).cmdline()[1:4] == ["-P", "-m", "foretype.server"]


@pytest.mark.usefixtures("document")
def test_a_shared_daemon_serves(window: Workbench, tmp_path: Path) -> None:
    with daemon(tmp_path) as address:
        window.server.set_settings(foretype__connect=address)
        wait_until(lambda: [one for one in window.server.language_servers() if address in one.cmdline()], "a bridge")
        window.until_said("ready")
        window.type(TYPED)
        window.until_ghost(EXPECTED)
        window.server.set_settings()
        wait_until(lambda: "--connect" not in " ".join(the_server(window).cmdline()), "a server of its own")
    assert window.until_said("ready")


@pytest.mark.usefixtures("document")
def test_statistics_are_a_page_beside_the_code(window: Workbench) -> None:
    window.run("Foretype: Show Statistics")
    window.page.wait_for_selector(".tab.active[aria-label*='Foretype Statistics']")
    page = window.page.frame_locator("iframe.webview").frame_locator("iframe#active-frame")
    body = page.locator("body:has-text('Foretype')")
    body.wait_for()
    assert "suggestions" in (body.text_content() or "").lower()


@pytest.mark.usefixtures("document")
def test_the_doctor_writes_its_findings_into_the_log(window: Workbench) -> None:
    window.run("Foretype: Run Doctor")
    window.page.locator(".panel .view-lines:has-text('info')").wait_for()
    assert "ok  native library" in window.server.log()
    window.run("View: Hide Panel")


@pytest.mark.parametrize("step", ["It works at once", "Train on your folder", "Nothing leaves the machine"])
@pytest.mark.usefixtures("project")
def test_the_walkthrough_shows_its_steps(window: Workbench, step: str) -> None:
    window.run("Foretype: Get Started")
    shown = window.page.locator(f".getting-started-step:has-text('{step}')")
    shown.wait_for()
    assert shown.count() == 1
