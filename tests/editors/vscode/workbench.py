"""A window of VS Code in a browser, as somebody who types and looks sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright
from tests.editors.vscode.code_server import CodeServer
from tests.editors.vscode.waiting import DEADLINE_SECONDS, wait_until

_CHROMIUM = "/usr/bin/chromium"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
_SIZE = (1280, 800)

_GHOST = ".editor-instance [class*='ghost-text']"
_STATUS = ".statusbar-item[id='foretype.foretype.foretype.status']"


class Workbench:
    """Type into a page and read from it; every wait has a generous deadline."""

    def __init__(self, page: Page, server: CodeServer) -> None:
        """Drive `page`, which shows nothing yet."""
        self.page = page
        self.server = server
        page.set_default_timeout(DEADLINE_SECONDS * 1e3)

    def open_folder(self, folder: Path, file: Path | None = None) -> None:
        """Load the window anew with a folder, and a file of it, and wait until Foretype is there."""
        address = f"http://127.0.0.1:{self.server.port}/?folder={quote(str(folder))}"
        if file is not None:
            opened = f"vscode-remote://127.0.0.1:{self.server.port}{file}"
            address += "&payload=" + quote(json.dumps([["openFile", opened]]))
        self.page.goto(address)
        self.page.wait_for_selector(".monaco-workbench")
        if file is not None:
            self.page.wait_for_selector(".editor-instance .monaco-editor .view-lines")
        self.page.wait_for_selector(_STATUS)

    def open_file(self, file: Path) -> None:
        """Open a file in the window that is there, and put the caret at its end."""
        self.page.keyboard.press("Control+p")
        self.page.wait_for_selector(".quick-input-widget input:focus")
        self.page.keyboard.type(str(file))
        self.page.wait_for_selector(f".quick-input-list .monaco-list-row.focused:has-text('{file.name}')")
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(f".tab.active[aria-label*='{file.name}']")
        self.focus_end()

    def focus_end(self) -> None:
        """Put the caret at the end of the active editor."""
        self.page.click(".editor-group-container.active .monaco-editor .view-lines")
        self.page.keyboard.press("Control+End")

    def run(self, title: str) -> None:
        """Run a command by its title in the palette."""
        self.page.keyboard.press("F1")
        self.page.wait_for_selector(".quick-input-widget input:focus")
        self.page.keyboard.type(title)
        self.page.wait_for_selector(f".quick-input-list .monaco-list-row.focused:has-text('{title}')")
        self.page.keyboard.press("Enter")

    def type(self, text: str) -> None:
        """Press a key for each character."""
        self.page.keyboard.type(text, delay=20)

    def press(self, *keys: str) -> None:
        """Press keys by their names."""
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def ghost(self) -> str:
        """Return the ghost text that is on the screen, empty if there is none."""
        return _plain("".join(self.page.locator(_GHOST).all_text_contents()))

    @property
    def status(self) -> str:
        """Return what the item in the status bar says."""
        found = self.page.locator(_STATUS)
        return _plain(found.first.text_content() or "").strip() if found.count() else ""

    @property
    def notifications(self) -> list[str]:
        """Return the messages on the screen."""
        return self.page.locator(".notifications-toasts .notification-list-item-message").all_text_contents()

    def until_ghost(self, text: str) -> None:
        """Wait for exactly this ghost text."""
        wait_until(lambda: self.ghost == text, f"ghost text {text!r}")

    def until_status(self, part: str) -> None:
        """Wait until the item in the status bar says `part`."""
        wait_until(lambda: part in self.status, f"{part!r} in the status bar")

    def saved(self, file: Path, text: str) -> bool:
        """Save the active editor and tell whether the file comes to have this text."""
        self.press("Control+s")
        try:
            return wait_until(lambda: file.read_text(encoding="utf-8") == text, f"{file.name} to be {text!r}", 20)
        except AssertionError:
            return False


@contextmanager
def workbench(server: CodeServer) -> Iterator[Workbench]:
    """Open a browser for as long as the block runs."""
    width, height = _SIZE
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        try:
            yield Workbench(browser.new_page(viewport={"width": width, "height": height}), server)
        finally:
            browser.close()


def _plain(text: str) -> str:
    """Return text with the spaces that the editor draws as others."""
    return text.replace("\xa0", " ").replace("\u200c", "")
