"""What a user of Helix, which knows no ghost text, sees and does."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.editors import language_server
from tests.editors.installation import installed
from tests.editors.terminal import Terminal, wait_for
from tests.editors.weather import EMOJI, EXPECTED, TYPED, write_emoji

CONFIGURATION = Path(__file__).parents[3] / "editors" / "helix" / "languages.toml"
ENTRY = f"{TYPED}{EXPECTED}"


@pytest.fixture(scope="session")
def program() -> Path:
    return installed("helix") / "bin" / "hx"


@pytest.fixture
def helix(program: Path, station: Path, environment: dict[str, str]) -> Iterator[Terminal]:
    """Return Helix with the station open, set up by the file that is in editors/."""
    write_emoji(station.parent)
    folder = Path(environment["XDG_CONFIG_HOME"]) / "helix"
    folder.mkdir()
    shutil.copy(CONFIGURATION, folder)
    with Terminal([str(program), str(station)], environment, folder=station.parent) as terminal:
        terminal.wait_for_text("station_hill.py")
        yield terminal


def type_until_menu(helix: Terminal, text: str) -> None:
    """Type until the menu has our entry; a first time comes while the server still loads."""
    helix.type("geA")
    helix.wait_for_text("INS")

    def has_entry() -> bool:
        helix.type(text)
        helix.wait_for_text(text)
        try:
            wait_for(lambda: _entries(helix), "the entry", seconds=3)
        except AssertionError:
            leave(helix)
            helix.type("xcx")  # the line anew
            helix.press("BSpace")
            helix.type("    ")
            return False
        return True

    wait_for(has_entry, "a menu with the entry")


def leave(helix: Terminal) -> None:
    """Leave Insert mode, and the menu before it; a key right behind Escape would be one with Alt."""

    def is_left() -> bool:
        helix.press("Escape")
        try:
            wait_for(lambda: " NOR " in helix.screen(), "Normal mode", seconds=2)
        except AssertionError:
            return False
        return True

    wait_for(is_left, "Normal mode")


def _entries(helix: Terminal) -> list[str]:
    return [line for line in helix.screen().splitlines() if line.rstrip().endswith(f"{ENTRY} text")]


@pytest.mark.parametrize("before", ["", EMOJI])
def test_what_follows_is_an_entry_of_the_menu_and_tab_puts_it_in(helix: Terminal, station: Path, before: str) -> None:
    type_until_menu(helix, before + TYPED)
    helix.press("Tab")
    helix.wait_for_text("Foretype")  # the entry's detail
    leave(helix)
    helix.type(":w\n")
    wait_for(lambda: station.read_text().rstrip().endswith(before + ENTRY), "the entry in the file")


def test_typing_on_keeps_the_entry(helix: Terminal) -> None:
    type_until_menu(helix, TYPED)
    helix.type("ter_")
    helix.wait_for_text(f"    {TYPED}ter_\n")
    wait_for(lambda: _entries(helix), "the entry")


def test_the_entries_of_the_language_s_own_server_are_there_as_well(
    program: Path, station: Path, environment: dict[str, str]
) -> None:
    folder = Path(environment["XDG_CONFIG_HOME"]) / "helix"
    folder.mkdir()
    other = f'[language-server.pylsp]\ncommand = "{sys.executable}"\nargs = ["{language_server.__file__}"]\n'
    (folder / "languages.toml").write_text(CONFIGURATION.read_text() + other)
    with Terminal([str(program), str(station)], environment, folder=station.parent) as helix:
        helix.wait_for_text("station_hill.py")
        type_until_menu(helix, TYPED)
        for name in language_server.NAMES:
            helix.wait_for_text(name)


def test_a_space_or_a_bracket_opens_no_menu(helix: Terminal) -> None:
    type_until_menu(helix, TYPED)
    leave(helix)
    helix.type("a(")
    helix.wait_for_text(f"{TYPED}(")
    assert _entries(helix) == []
