"""How this program starts itself for work that is not the server's own."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = (sys.executable, "-P", "-m", "foretype.server")
"""With -P no module of the folder that an editor started us in, a project, is run as if it were one of Python's."""

if sys.platform == "win32":
    UNSEEN, IDLE = subprocess.CREATE_NO_WINDOW, subprocess.IDLE_PRIORITY_CLASS
else:
    UNSEEN, IDLE = 0, 0
"""Flags for the creation of a process, which mean something to Windows alone: without a console window, which a program
that has none itself would open, and when nothing else runs. There the interpreter of a virtual environment starts
another one, which has the priority that its parent was created with, not one that the parent is given later."""
