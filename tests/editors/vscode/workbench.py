"""A window of VS Code in a browser, as somebody who types and looks sees it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright
from tests.editors.vscode.code_server import CodeServer
from tests.editors.vscode.waiting import DEADLINE_SECONDS, wait_for, wait_until

_CHROMIUM = "/usr/bin/chromium"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
_SIZE = (1280, 800)

_PATIENCE_MS = 2_000
"""How long to wait for an answer before a word is typed again."""

GHOST = ".monaco-editor [class*='ghost-text']"
_STATUS = ".statusbar-item[id='foretype.foretype.foretype.status']"


class Workbench:
    """Type into a page and read from it; every wait has a generous deadline, and returns True if it ends well."""

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
        self.until_said("ready")

    def open_file(self, file: Path) -> None:
        """Open a text in the window that is there, and put the caret at its end."""
        self.open_tab(file)
        self.focus_end()

    def open_tab(self, file: Path) -> None:
        """Open a file in the window that is there."""
        self.page.keyboard.press("Control+p")
        self.page.wait_for_selector(".quick-input-widget input:focus")
        self.page.keyboard.type(str(file))
        self.page.wait_for_selector(f".quick-input-list .monaco-list-row.focused:has-text('{file.name}')")
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(f".tab.active[aria-label*='{file.name}']")

    def close_all(self) -> None:
        """Save and close all editors, and take messages and menus off the screen."""
        self.press("Escape", "Escape")
        wait_until(self._all_saved, "nothing unsaved")  # of what is, closing would ask in a dialog that takes all keys
        self.run("View: Close All Editors")
        wait_until(lambda: self.page.locator(".tab").count() == 0, "no open editor")
        self.clear_notifications()

    def _all_saved(self) -> bool:
        """Save the active editor and tell whether nothing is unsaved: saving takes a while, or its key is lost."""
        self.press("Control+s")
        return self.page.locator(".tab.dirty").count() == 0

    def clear_notifications(self) -> None:
        """Take all messages off the screen."""
        self.run("Notifications: Clear All Notifications")

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

    def type_until_ghost(self, word: str, expected: str) -> None:
        """Type a word, again and again, until the ghost text is there: settings take a moment to arrive."""
        self.type_until(word, lambda: self.ghost == expected, f"ghost text {expected!r} after {word!r}")

    def type_until(self, word: str, condition: Callable[[], bool], what: str) -> None:
        """Type a word, and delete and type it again, until `condition` holds."""

        def holds() -> bool:
            self.type(word)
            self.page.wait_for_timeout(_PATIENCE_MS)
            if condition():
                return True
            self.press("Control+Backspace")
            return False

        wait_until(holds, what)

    def type_until_status(self, word: str, part: str) -> None:
        """Type a word, again and again, until the item in the status bar shows `part`."""

        def is_told() -> bool:
            self.type(word)
            self.page.wait_for_timeout(_PATIENCE_MS)
            return part in self.status

        wait_until(is_told, f"{part!r} in the status bar")

    def press(self, *keys: str) -> None:
        """Press keys by their names."""
        for key in keys:
            self.page.keyboard.press(key)

    def click_status(self) -> None:
        """Open the menu behind the item in the status bar."""
        self.page.click(f"{_STATUS} a")
        self.page.wait_for_selector(".quick-input-widget .quick-input-titlebar:has-text('Foretype')")

    def menu(self) -> list[str]:
        """Return the entries of the menu that is open."""
        labels = self.page.locator(".quick-input-list .monaco-list-row .label-name").all_text_contents()
        return [_plain(label).strip() for label in labels]

    def choose(self, entry: str) -> None:
        """Choose from the menu behind the item in the status bar."""
        self.click_status()
        self.page.click(f".quick-input-list .monaco-list-row:has-text('{entry}')")
        self.page.wait_for_selector(".quick-input-widget", state="hidden")

    def clear_pointer(self) -> None:
        """Move the pointer to where nothing answers to it, and wait until nothing does."""
        self.page.mouse.move(640, 500)
        self.page.locator(".monaco-hover:visible, .notification-toast:visible").first.wait_for(state="hidden")

    def screenshot(self, file: Path) -> None:
        """Take a picture of the whole window."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=file)

    @property
    def ghost(self) -> str:
        """Return the ghost text that is on the screen, empty if there is none."""
        return _plain("".join(self.page.locator(GHOST).all_text_contents()))

    @property
    def status(self) -> str:
        """Return what the item in the status bar says."""
        found = self.page.locator(_STATUS)
        return _plain(found.first.text_content() or "").strip() if found.count() else ""

    def cancel_progress(self, title: str) -> None:
        """Press the button that cancels what is being done."""
        self.page.click(
            f".notifications-toasts .notification-list-item:has-text('{title}') .monaco-button:has-text('Cancel')"
        )

    @property
    def notifications(self) -> list[str]:
        """Return the messages on the screen."""
        return self.page.locator(".notifications-toasts .notification-list-item-message").all_text_contents()

    def until_ghost(self, text: str) -> bool:
        """Wait for exactly this ghost text."""
        return wait_for(text, lambda: self.ghost, "ghost text")

    def until_status(self, part: str) -> bool:
        """Wait until the item in the status bar shows `part`."""
        return wait_until(lambda: part in self.status, f"{part!r} in the status bar")

    def until_said(self, text: str) -> bool:
        """Wait until the item in the status bar says `text` to who cannot see its icon."""
        return self.page.wait_for_selector(f"{_STATUS}[aria-label='Foretype: {text}']") is not None

    def until_notified(self, part: str) -> bool:
        """Wait for a message with `part` in it."""
        return wait_until(lambda: any(part in one for one in self.notifications), f"{part!r} in a message")

    def click_notification(self, button: str) -> None:
        """Press a button of a message."""
        self.page.click(f".notifications-toasts .monaco-button:has-text('{button}')")

    def saved(self, file: Path, text: str) -> bool:
        """Save the active editor and tell whether the file comes to have exactly this text."""
        self.press("Control+s")
        return wait_for(text, lambda: file.read_text(encoding="utf-8"), file.name)

    def saved_with(self, file: Path, part: str) -> bool:
        """Save the active editor and tell whether the file comes to have this part."""
        self.press("Control+s")
        return wait_until(lambda: part in file.read_text(encoding="utf-8"), f"{part!r} in {file.name}")


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
