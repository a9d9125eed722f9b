"""How the attempt at one customer ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CustomerOutcome(StrEnum):
    """What one attempt at a customer came to."""

    WRITTEN = "written"
    """Something was changed on the other side."""
    IN_STEP = "in step"
    """Nothing had to be changed, or somebody else has done it."""
    HELD = "held"
    """A person has to decide, or to mend something."""
    BUSY = "busy"
    """Another task works on it."""
    WAITS = "waits"
    """A connection may not be called now."""


@dataclass(frozen=True)
class CustomerResult:
    """How one attempt ended.

    :param message: what was changed, or why it was not.
    """

    outcome: CustomerOutcome
    label: str
    message: str = ""

    @property
    def end(self) -> str:
        """The outcome and what is to be said of it, in one line."""
        return f"{self.outcome}: {self.message}" if self.message else str(self.outcome)
