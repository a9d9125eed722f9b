"""What goes wrong when the project is started on one machine, in one sentence each."""

from __future__ import annotations


class LocalError(RuntimeError):
    """A sentence that says what went wrong and what to do; shown to the user without a traceback."""
