"""Time from the last key to ghost text in Emacs: `python -m tests.editors.emacs.latency`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tests.editors.emacs.driver import Emacs
from tests.editors.environment import isolated_environment
from tests.editors.installation import installed
from tests.editors.latency import TIMES, numbered, report
from tests.editors.terminal import wait_for
from tests.editors.weather import EXPECTED, TYPED, write_project

_CLOCK = """(progn
  (setq pressed 0.0 took nil)
  (add-hook 'post-self-insert-hook (lambda () (setq pressed (float-time))))
  (add-hook 'foretype-shown-hook (lambda () (setq took (* 1000 (- (float-time) pressed))))))"""


def main() -> None:
    """Measure and print."""
    init = Path(__file__).parent / "lsp_mode.el"
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        station = write_project(folder / "weather")
        with Emacs(installed("emacs") / "bin", [station], isolated_environment(folder), init, _CLOCK) as emacs:
            emacs.wait_until_ready()
            wait_ms = 1000 * float(emacs.value("foretype-idle-delay"))
            taken = (_measure(emacs, time) for time in range(TIMES))
            report(f"Emacs {emacs.value('emacs-version')}", wait_ms, taken)


def _measure(emacs: Emacs, time: int) -> float:
    emacs.run("(progn (goto-char (point-min)) (delete-line) (goto-char (point-max)) (beginning-of-line) (kill-line))")
    emacs.run(f"(save-excursion (goto-char (point-min)) (insert {json.dumps(numbered(time))} ?\\n))")
    emacs.press("M->")
    emacs.type("    " + TYPED + EXPECTED)
    emacs.wait_for_line(f"    {TYPED}{EXPECTED}")
    wait_for(emacs.ghost, "ghost text that is not typed along")
    emacs.run("(setq took nil)")
    emacs.type("h")
    wait_for(lambda: emacs.value("(if took t :false)"), "ghost text")
    return float(emacs.value("took"))


if __name__ == "__main__":
    main()
