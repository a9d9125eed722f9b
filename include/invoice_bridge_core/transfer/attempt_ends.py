"""How an attempt at a document ended, in words for its task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents.outcomes import Outcome, Result
from invoice_bridge_core.documents.states import DocumentState

if TYPE_CHECKING:
    from invoice_bridge_core.documents import DocumentRef
    from invoice_bridge_core.ledger import Claim, DocumentRow


def result_of(outcome: Outcome, claim: Claim, label: str, message: str) -> Result:
    """The end of an attempt, with what the document is booked as."""
    return _with_booking(outcome, claim.row, label, message)


def earlier_end(row: DocumentRow) -> Result | None:
    """The end that an earlier attempt came to, if it was one."""
    if row.state is DocumentState.TRANSFERRED:
        return _with_booking(Outcome.ALREADY_TRANSFERRED, row, row.label, "")
    if row.state is DocumentState.REJECTED:
        return Result(Outcome.REJECTED, row.label, row.reason or "")
    return None


def label_of(ref: DocumentRef, row: DocumentRow | None) -> str:
    """What people know the document by, as far as the ledger knows it."""
    return str(ref) if row is None else row.label


def _with_booking(outcome: Outcome, row: DocumentRow, label: str, message: str) -> Result:
    booking = row.booking
    return Result(
        outcome,
        label,
        message,
        finance_id=booking.finance_id if booking else None,
        finance_number=booking.number if booking else None,
        link=booking.link if booking else None,
    )
