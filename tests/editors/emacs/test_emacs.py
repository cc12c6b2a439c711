"""What a user of Emacs sees and does, with lsp-mode and with Eglot."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from tests.editors import language_server
from tests.editors.emacs.driver import PACKAGE, Emacs
from tests.editors.installation import installed
from tests.editors.terminal import wait_for
from tests.editors.weather import AFTER_H, EMOJI, EXPECTED, TYPED, write_emoji

PATIENT = "(setq foretype-settings '((deadlineMs . 60000)))"
"""Settings for a machine that is busy with other things."""
HERE = Path(__file__).parent
GHOST_TEXT = {"lsp-mode": ("lsp_mode.el", "nil"), "eglot": ("eglot.el", "(require 'foretype)")}
"""Init files and what is evaluated before them, by the client that brings our ghost text."""

Open = Callable[..., Emacs]


@pytest.fixture(scope="session")
def programs() -> Path:
    return installed("emacs") / "bin"


@pytest.fixture
def start(programs: Path, station: Path, environment: dict[str, str]) -> Iterator[Open]:
    """Return a function that opens the station in Emacs."""
    running: list[Emacs] = []

    def run(client: str = "lsp-mode", lisp: str = "nil") -> Emacs:
        init, before = GHOST_TEXT[client]
        running.append(Emacs(programs, [station], environment, HERE / init, f"(progn {before} {PATIENT} {lisp})"))
        running[-1].wait_until_ready()
        return running[-1]

    yield run
    for emacs in running:
        emacs.__exit__()


@pytest.fixture(params=sorted(GHOST_TEXT))
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def emacs(start: Open) -> Emacs:
    """Return an Emacs with lsp-mode whose server is ready."""
    return start()


def show(emacs: Emacs) -> None:
    """Type until there is ghost text."""
    emacs.press("M->")
    emacs.type(TYPED)
    emacs.wait_for_ghost(EXPECTED)


def test_what_follows_is_shown_behind_the_caret_and_tab_accepts_it(start: Open, client: str) -> None:
    emacs = start(client)
    show(emacs)
    emacs.terminal.wait_for_text(f"    {TYPED}{EXPECTED}")
    assert emacs.line() == f"    {TYPED}"
    emacs.press("Tab")
    emacs.wait_for_line(f"    {TYPED}{EXPECTED}")
    emacs.type("h")
    emacs.wait_for_ghost(AFTER_H)
    emacs.press("Tab")
    emacs.wait_for_line(f"    {TYPED}{EXPECTED}h{AFTER_H}")


def test_accepting_is_one_step_of_undo(emacs: Emacs) -> None:
    show(emacs)
    emacs.press("Tab")
    emacs.wait_for_line(f"    {TYPED}{EXPECTED}")
    emacs.press("C-/")
    emacs.wait_for_line(f"    {TYPED}")


def test_a_keyboard_macro_neither_records_nor_plays_with_ghost_text(emacs: Emacs) -> None:
    show(emacs)
    emacs.press("C-x", "(")
    wait_for(lambda: emacs.ghost() == "", "the end of the ghost text")
    emacs.press("Enter")
    emacs.type(TYPED)
    emacs.wait_for_line(f"    {TYPED}")
    emacs.run("(sleep-for 1)")  # a suggestion would have come
    assert emacs.ghost() == ""
    emacs.type("y")
    emacs.press("C-x", ")")
    emacs.press("C-x", "e")
    wait_for(lambda: emacs.text().endswith(f"\n    {TYPED}y" * 2), "what was recorded")
    emacs.press("BSpace", "Enter")
    emacs.type(TYPED)
    wait_for(lambda: emacs.ghost().startswith("ter_measurement"), "ghost text after it")


def test_a_word_is_accepted_and_the_rest_stays(emacs: Emacs) -> None:
    show(emacs)
    emacs.press("M-f")
    emacs.wait_for_line(f"    {TYPED}ter_measurement")
    wait_for(lambda: emacs.ghost().startswith('(registry, "'), "the rest")
    emacs.press("M-f")
    emacs.wait_for_line(f"    {TYPED}ter_measurement(")


def test_a_line_is_accepted(emacs: Emacs) -> None:
    show(emacs)
    emacs.press("M-e")
    emacs.wait_for_line(f"    {TYPED}{EXPECTED}")


def test_typing_along_the_ghost_text_keeps_it_without_asking_the_server(start: Open, client: str) -> None:
    emacs = start(client)
    show(emacs)
    server = emacs.server()
    psutil.Process(server).suspend()
    try:
        emacs.type("ter")
        emacs.wait_for_ghost(EXPECTED.removeprefix("ter"))
        emacs.type("x")
        wait_for(lambda: emacs.ghost() == "", "the end of the ghost text")
    finally:
        psutil.Process(server).resume()


@pytest.mark.parametrize("key", ["C-g", "Left", "Up", "BSpace"])
def test_ghost_text_can_be_taken_away_and_does_not_outlast_its_place(emacs: Emacs, key: str) -> None:
    show(emacs)
    emacs.press(key)
    wait_for(lambda: emacs.ghost() == "", "the end of the ghost text")
    wait_for(lambda: EXPECTED not in emacs.terminal.screen(), "a screen without it")


def test_keys_without_ghost_text_do_what_they_did(emacs: Emacs) -> None:
    assert emacs.value('(symbol-name (key-binding (kbd "M-f")))') == "forward-word"
    show(emacs)
    assert emacs.value('(symbol-name (key-binding (kbd "M-f")))') == "foretype-accept-word"
    assert emacs.value('(symbol-name (key-binding (kbd "C-n")))') == "next-line"


def test_an_emoji_before_the_caret_moves_nothing(start: Open, client: str, station: Path) -> None:
    write_emoji(station.parent)
    emacs = start(client)
    emacs.press("M->")
    emacs.type(EMOJI + TYPED)
    emacs.wait_for_ghost(EXPECTED)
    emacs.press("Tab")
    emacs.wait_for_line(f"    {EMOJI}{TYPED}{EXPECTED}")


def test_of_two_windows_on_one_file_the_one_typed_in_shows_it(emacs: Emacs) -> None:
    emacs.press("C-x", "2")
    show(emacs)
    wait_for(lambda: emacs.terminal.screen().count(f"    {TYPED}{EXPECTED}") == 1, "ghost text in one window")
    emacs.press("C-x", "o")
    wait_for(lambda: EXPECTED not in emacs.terminal.screen(), "its end")


def test_a_file_of_ten_thousand_lines_is_no_different(start: Open, station: Path) -> None:
    station.write_text(
        "\n".join(f"reading_{number} = {number}" for number in range(10_000)) + "\n" + station.read_text()
    )
    emacs = start()
    show(emacs)
    emacs.press("Tab")
    emacs.wait_for_line(f"    {TYPED}{EXPECTED}")


def test_a_server_that_was_killed_comes_again(emacs: Emacs) -> None:
    show(emacs)
    server = emacs.server()
    psutil.Process(server).kill()
    wait_for(lambda: emacs.server() not in (0, server), "another server")
    emacs.wait_until_ready()
    emacs.type("t")
    emacs.wait_for_ghost(EXPECTED.removeprefix("t"))


def test_settings_change_while_the_server_runs(emacs: Emacs) -> None:
    emacs.run("(setopt foretype-settings '((deadlineMs . 60000) (enabled . :json-false)))")
    emacs.press("M->")
    emacs.type(TYPED)
    wait_for(lambda: "disabled" in emacs.status("silences"), "a silence")
    assert emacs.ghost() == ""
    emacs.run("(setopt foretype-settings '((deadlineMs . 60000)))")
    emacs.type("t")
    emacs.wait_for_ghost(EXPECTED.removeprefix("t"))


def test_suggestions_can_be_paused_and_asked_for_by_hand_meanwhile(emacs: Emacs) -> None:
    emacs.run("(foretype-pause)")
    emacs.terminal.wait_for_text("Foretype:paused")
    emacs.press("M->")
    emacs.type(TYPED)
    emacs.wait_for_line(f"    {TYPED}")
    assert emacs.ghost() == ""
    emacs.run("(foretype-next)")
    wait_for(lambda: emacs.ghost(), "what was asked for")
    emacs.run("(foretype-resume)")
    emacs.type("t")
    emacs.wait_for_ghost(EXPECTED.removeprefix("t"))


def test_the_next_candidate_is_asked_for_by_hand(start: Open) -> None:
    emacs = start(lisp="(setq foretype-settings '((deadlineMs . 60000) (candidates . 8) (temperature . 1.5)))")
    emacs.press("M->")
    emacs.type(TYPED + EXPECTED)
    emacs.wait_for_line(f"    {TYPED}{EXPECTED}")
    wait_for(emacs.ghost, "the one candidate that comes unasked")
    emacs.press("M-n")
    wait_for(lambda: "  1/" in emacs.ghost(), "more than one candidate")
    first = emacs.ghost()
    emacs.press("M-n")
    wait_for(lambda: emacs.ghost() not in ("", first), "another candidate")
    emacs.press("M-p")
    emacs.wait_for_ghost(first)


def test_learning_shows_how_far_it_is_while_typing_goes_on(emacs: Emacs) -> None:
    options = '"--minutes" "0.2" "--from" "scratch" "--hidden" "16" "--layers" "1"'
    emacs.run(f"(foretype-train default-directory {options})")
    emacs.terminal.wait_for_text("Foretype:")
    emacs.press("M->")
    emacs.type("x = 1")  # nothing waits for it
    emacs.wait_for_line("    x = 1")
    wait_for(lambda: "bits per byte" in emacs.messages(), "the end of learning", 300)
    # which of the two is true depends on how much a machine learns in these seconds
    assert re.search("serves now|does not serve", emacs.messages())
    wait_for(lambda: "Foretype:" not in emacs.terminal.screen().replace("Foretype: ", ""), "a quiet mode line")


@pytest.mark.parametrize(("command", "shown"), [("doctor", "ok"), ("stats", "suggest")])
def test_commands_show_what_they_say_in_a_window(emacs: Emacs, command: str, shown: str) -> None:
    emacs.run(f"(foretype-{command})")
    emacs.terminal.wait_for_text(f"*foretype {command}*")
    emacs.terminal.wait_for_text(shown)


def test_status_tells_what_became_of_suggestions(emacs: Emacs) -> None:
    show(emacs)
    emacs.run("(foretype-status)")
    emacs.terminal.wait_for_text("ready: 1 shown, 0 accepted")


def test_a_server_that_all_editors_share_is_joined(start: Open, environment: dict[str, str], tmp_path: Path) -> None:
    port_file = tmp_path / "port"
    command = [sys.executable, "-m", "foretype.server", "serve", "--tcp", "127.0.0.1:0", "--port-file", str(port_file)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as daemon:
        try:
            address = wait_for(lambda: port_file.is_file() and port_file.read_text().strip(), "the daemon")
            show(start(lisp=f'(setq foretype-connect "{address}")'))
        finally:
            daemon.terminate()


def test_beside_the_server_of_a_language_there_is_ghost_text_and_its_menu_as_it_was(start: Open) -> None:
    command = f'(list "{sys.executable}" "{language_server.__file__}")'
    made = f":new-connection (lsp-stdio-connection {command}) :major-modes '(python-mode) :server-id 'language"
    emacs = start(lisp=f"(with-eval-after-load 'lsp-mode (lsp-register-client (make-lsp-client {made})))")
    wait_for(lambda: "2" in str(emacs.value("(length lsp--buffer-workspaces)")), "both servers")
    show(emacs)
    emacs.press("C-g")
    wait_for(lambda: emacs.ghost() == "", "the end of the ghost text")
    emacs.press("M-Tab")
    for name in language_server.NAMES:
        emacs.terminal.wait_for_text(f"{name} (Function)")
    emacs.terminal.wait_for_text("2 possible completions")


@pytest.mark.parametrize("ghost_text_first", [False, True])
def test_in_eglot_without_the_package_a_key_completes_it(
    programs: Path, station: Path, environment: dict[str, str], ghost_text_first: bool
) -> None:
    lisp = "(add-hook 'prog-mode-hook #'company-mode)" if ghost_text_first else "nil"
    with Emacs(programs, [station], environment, HERE / "eglot.el", lisp) as emacs:
        emacs.wait_until_ready()
        emacs.press("M->")
        emacs.type(TYPED)
        emacs.wait_for_line(f"    {TYPED}")
        if ghost_text_first:  # company shows its only candidate behind the caret
            emacs.terminal.wait_for_text(f"    {TYPED}{EXPECTED}")
            assert emacs.line() == f"    {TYPED}"
        emacs.press("Tab" if ghost_text_first else "M-Tab")
        emacs.wait_for_line(f"    {TYPED}{EXPECTED}")


def test_the_package_compiles_and_reads_without_a_warning(
    programs: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    copy = tmp_path / "foretype.el"
    copy.write_bytes((PACKAGE / "foretype.el").read_bytes())
    for lisp in (f'(byte-compile-file "{copy}")', f'(checkdoc-file "{copy}")', f'(load "{copy}c")'):
        command = [
            str(programs / "emacs"),
            "-Q",
            "--batch",
            "--eval",
            "(setq byte-compile-error-on-warn t)",
            "--eval",
            lisp,
        ]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        said = [line for line in done.stderr.splitlines() if "Warning: Lisp directory" not in line]
        assert (done.returncode, [line for line in said if "foretype.el" in line and "Loading" not in line]) == (0, [])
