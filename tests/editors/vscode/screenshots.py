"""Take the pictures of VS Code in docs/images: `python -m tests.editors.vscode.screenshots`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.editors.installation import installed
from tests.editors.vscode.code_server import ROOT, build_extension, code_server, node_folder
from tests.editors.vscode.workbench import Workbench, workbench
from tests.editors.weather import AFTER_H, EXPECTED, TYPED, write_project

_THEMES = {"dark": "Default Dark Modern", "light": "Default Light Modern"}
_TIDY = {
    "editor__minimap__enabled": False,
    "editor__fontSize": 15,
    "window__commandCenter": False,
    "window__title": "${activeEditorShort} - ${rootName}",
}
_FIRST = "h"


def main() -> None:
    """Write a picture for each theme."""
    folder = installed("vscode")
    vsix = build_extension(node_folder(folder))
    with tempfile.TemporaryDirectory() as temporary:
        _take_all(folder, vsix, Path(temporary))


def _take_all(installed_in: Path, vsix: Path, folder: Path) -> None:
    with code_server(installed_in, vsix, folder / "vscode") as server, workbench(server) as window:
        for name, theme in _THEMES.items():
            server.set_user_settings(workbench__colorTheme=theme, **_TIDY)
            file = write_project(folder / name / "weather")
            _take(window, file, ROOT / "docs" / "images" / f"vscode-{name}.png")


def _take(window: Workbench, file: Path, picture: Path) -> None:
    """Accept one suggestion, wait for the next and take the picture."""
    window.open_folder(file.parent, file)
    window.focus_end()
    window.type_until_ghost(TYPED, EXPECTED)
    window.press("Tab")
    window.type_until_ghost(_FIRST, AFTER_H)
    window.until_said("ready")
    window.clear_pointer()
    window.screenshot(picture)
    assert window.saved_with(file, EXPECTED + _FIRST)  # what is not saved, the editor asks about


if __name__ == "__main__":
    main()
