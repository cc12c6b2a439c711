"""Why an answer is empty: one code per cause, the same in logs, statistics and `complete --json`."""

from enum import StrEnum


class Reason(StrEnum):
    """Name the cause of a silence."""

    BELOW_EAGERNESS = "below_eagerness"
    """Nothing likely enough to be worth the reader's glance."""
    NOTHING_TO_ADD = "nothing_to_add"
    """The line is likeliest to end here, or everything likely stands right of the caret already."""
    MID_WORD = "mid_word"
    """The caret stands inside a word."""
    MODEL_LOADING = "model_loading"
    """The model is still being read from disk."""
    SUPERSEDED = "superseded"
    """A newer request for the same document arrived."""
    CANCELLED = "cancelled"
    """The editor withdrew the request."""
    STALE = "stale"
    """The request is for a version of the document that is not the present one."""
    UNKNOWN_DOCUMENT = "unknown_document"
    """The document was never opened, or an edit of it could not be understood."""
    DISABLED = "disabled"
    """Suggestions are switched off in the settings."""
    FAILED = "failed"
    """A defect of ours; the log has the details."""
