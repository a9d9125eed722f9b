"""How one attempt at a document ended: the table of outcomes that every report speaks in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


class Outcome(StrEnum):
    """The rows of the outcome table (README, "What became of my document?")."""

    TRANSFERRED = "transferred"
    ALREADY_TRANSFERRED = "already transferred"
    REJECTED = "rejected"
    HELD = "held"
    IN_DOUBT = "in doubt"
    BUSY = "busy"
    WAITS = "waits"
    FAILED = "failed"
    REPORTED_PAID = "reported as paid"
    ALREADY_REPORTED_PAID = "already reported as paid"
    NOT_PAID = "not paid"
    SHOWN = "shown"
    ALREADY_SHOWN = "already shown"
    BROUGHT_IN_STEP = "brought in step"
    IN_STEP = "in step"
    WOULD_TRANSFER = "would be transferred"
    WOULD_REJECT = "would be rejected"
    WOULD_HOLD = "would be held"
    WOULD_BE_IN_DOUBT = "would be in doubt"


NEEDS_SOMEBODY = frozenset({Outcome.REJECTED, Outcome.HELD, Outcome.IN_DOUBT, Outcome.FAILED})
FAILS_THE_RUN = frozenset({Outcome.REJECTED, Outcome.IN_DOUBT, Outcome.FAILED})
FORESEEN = frozenset({Outcome.WOULD_TRANSFER, Outcome.WOULD_REJECT, Outcome.WOULD_HOLD, Outcome.WOULD_BE_IN_DOUBT})


@dataclass(frozen=True)
class Result:
    """The end of one attempt, ready to be shown and to cross tasks.

    :param message: what people need to know: the reason, or what was left undone; empty when all is well.
    :param link: where people see the document in the finance system.
    :param payload: the body that a dry run would have sent.
    :param total: of the document in a dry run, including VAT, in `currency`; negative for a credit note.
    :param is_paused: whether its connection may not be called, which says nothing about the document.
    """

    outcome: Outcome
    label: str
    message: str = ""
    finance_id: str | None = None
    finance_number: str | None = None
    link: str | None = None
    payload: str | None = None
    total: Decimal | None = None
    currency: str | None = None
    is_paused: bool = False

    @property
    def end(self) -> str:
        """Outcome and message: `held: account 200 is archived`, `waits until 14:05: Xero's day limit is used up`."""
        if self.outcome is Outcome.WAITS:
            return f"{self.outcome} {self.message}"
        return f"{self.outcome}: {self.message}" if self.message else str(self.outcome)
