"""A real Emacs: typed into as a user types, asked through emacsclient."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from tests.editors.terminal import Terminal, has_ended, wait_for

PACKAGE = Path(__file__).parents[3] / "editors" / "emacs"


class Emacs:
    """Run Emacs in a terminal; a context manager that ends it and all it started."""

    def __init__(
        self,
        programs: Path,
        files: Sequence[Path],
        environment: Mapping[str, str],
        init: Path,
        lisp: str = "nil",
        size: tuple[int, int] = (110, 24),
    ) -> None:
        """Start Emacs with an init file, after evaluating `lisp`."""
        self._folder = tempfile.TemporaryDirectory()  # a socket's path must be short
        self._socket = str(Path(self._folder.name) / "emacs")
        self._client = programs / "emacsclient"
        start = f"(progn (setq server-name {json.dumps(self._socket)}) (server-start))"
        command = [str(programs / "emacs"), "-nw", "-Q", "-L", str(PACKAGE), "--eval", lisp, "-l", str(init)]
        self.terminal = Terminal([*command, *map(str, files), "--eval", start], environment, *size)
        try:
            wait_for(lambda: self._ask("t") == "t", "Emacs")
        except BaseException:
            self.terminal.__exit__()
            raise

    def __enter__(self) -> Self:
        """Return the running editor."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the editor; its servers end with it."""
        server = self.server()
        # a server that ends is not to be started again meanwhile
        self._ask(
            "(progn (setq lsp-restart 'ignore kill-emacs-query-functions nil) (run-with-timer 0 nil #'kill-emacs) t)"
        )
        self.terminal.__exit__()
        self._folder.cleanup()
        wait_for(lambda: not server or has_ended(server), "the end of the server")

    def value(self, lisp: str) -> Any:
        """Return the value of an expression in the buffer that is shown; it must be one that JSON can say."""
        encoded = f"(base64-encode-string (json-serialize {lisp}) t)"
        return json.loads(base64.b64decode(self._ask(f"(with-current-buffer (window-buffer) {encoded})")))

    def run(self, lisp: str) -> None:
        """Evaluate an expression in the buffer that is shown."""
        self._ask(f"(with-current-buffer (window-buffer) {lisp} t)")

    def type(self, text: str) -> None:
        """Type a text."""
        self.terminal.type(text)

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names."""
        self.terminal.press(*keys)

    def line(self) -> str:
        """Return the line with the caret."""
        return str(self.value("(buffer-substring-no-properties (line-beginning-position) (line-end-position))"))

    def text(self) -> str:
        """Return the whole buffer."""
        return str(self.value("(buffer-substring-no-properties (point-min) (point-max))"))

    def ghost(self) -> str:
        """Return the ghost text that is on the screen."""
        text = "(substring-no-properties (overlay-get foretype--overlay 'after-string))"
        return str(self.value(f'(if foretype--overlay {text} "")'))

    def messages(self) -> str:
        """Return what Emacs has told."""
        return str(self.value('(with-current-buffer "*Messages*" (buffer-string))'))

    def status(self, name: str) -> Any:
        """Return a part of what the server says of itself."""
        return self.value(f"(let ((part (foretype--get (foretype--status) {json.dumps(name)}))) part)")

    def server(self) -> int:
        """Return the process of the server, 0 if there is none."""
        lisp = """(or (seq-some (lambda (process) (and (string-match-p "foretype\\\\|EGLOT" (process-name process))
            (eq (process-status process) 'run) (not (string-match-p "stderr" (process-name process)))
            (process-id process))) (process-list)) 0)"""
        return int(self.value(lisp))

    def wait_until_ready(self) -> None:
        """Wait until the model is loaded and the project is read."""
        lisp = """(let* ((get (lambda (object name) (if (hash-table-p object) (gethash name object)
                                   (plist-get object (intern (concat ":" name))))))
                         (status (cond ((bound-and-true-p lsp--buffer-workspaces)
                                        (lsp-request "foretype/status" nil))
                                       ((and (featurep 'eglot) (eglot-current-server))
                                        (jsonrpc-request (eglot-current-server) :foretype/status nil)))))
                    (if (and status (eq (funcall get (funcall get status "model") "loaded") t)
                             (< 0 (funcall get (funcall get status "memory") "bytes"))) t :false))"""
        wait_for(lambda: self.server() and self.value(lisp), "a server that is ready")

    def wait_for_ghost(self, text: str) -> None:
        """Wait until this is the ghost text."""
        wait_for(lambda: self.ghost() == text, f"the ghost text {text!r}, not {self.ghost()!r},")

    def wait_for_line(self, text: str) -> None:
        """Wait until this is the line with the caret."""
        wait_for(lambda: self.line() == text, f"the line {text!r}, not {self.line()!r},")

    def _ask(self, lisp: str) -> str:
        command = [str(self._client), "-s", self._socket, "--eval", lisp]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or lisp == "t", f"Emacs cannot evaluate {lisp}: {done.stderr.strip()}"
        return done.stdout.strip()
