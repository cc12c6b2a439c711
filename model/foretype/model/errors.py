"""The one exception that a user is meant to read.

Knows nothing of who catches it: the command line turns it into one line and exit code 2, the server into a log line.
"""


class UserError(Exception):
    """Raised for bad input; the message is one line: what was expected, what came, what to do."""


DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    ArithmeticError,
    RecursionError,
    EOFError,
)
"""What reading a file raises that is not as it was written: cut short, of another kind, or made by somebody else."""


class CheckpointError(UserError):
    """Raised when a model is missing, truncated, foreign or of another version, or fails while it runs."""
