"""How this program starts itself for work that is not the server's own."""

from __future__ import annotations

import sys

PROGRAM = (sys.executable, "-P", "-m", "foretype.server")
"""With -P no module of the folder that an editor started us in, a project, is run as if it were one of Python's."""
