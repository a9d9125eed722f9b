"""The states of a document and of its steps, as the ledger keeps them."""

from __future__ import annotations

from enum import StrEnum


class DocumentState(StrEnum):
    """How far a document has come."""

    SEEN = "seen"
    """Known, and nothing that was sent for it is still unanswered."""
    WORKING = "working"
    """The intent to book it is written; whether it was booked is not known yet."""
    BOOKED = "booked"
    """The finance system has it; something is still to be finished or reported."""
    TRANSFERRED = "transferred"
    """Booked and reported to its source."""
    REJECTED = "rejected"
    """Only its author can mend it, and the source was told."""
    HELD = "held"
    """Our side, or somebody's decision, is needed first."""
    IN_DOUBT = "in doubt"
    """It may exist in the finance system, and looking did not decide it."""


class StepState(StrEnum):
    """How far a step that follows the booking has come."""

    INTENDED = "intended"
    DONE = "done"
    REFUSED = "refused"
