"""What a document's own task finds of the batch in which its run has booked it, or tried to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge_core.ledger import Claim, Ledger
    from invoice_bridge_core.ledger.documents.batches import Refusal


@dataclass(frozen=True)
class BookedAhead:
    """What finance has answered to the batch of this very run: nothing of it is asked again.

    :param is_booked: whether it is booked, and no task has worked on it since.
    :param refusal: why it was definitely not booked.
    """

    is_booked: bool = False
    refusal: Refusal | None = None


NOT_AHEAD = BookedAhead()
"""Of a document that its own task books."""


def booked_ahead(claim: Claim, ledger: Ledger, run_key: str) -> BookedAhead:
    """What is known from a batch of this run; nothing from those of other runs, whose answers may be old."""
    row = claim.row
    if row.batch_id is None:
        return NOT_AHEAD
    told = ledger.batches.told(row.batch_id, row.id)
    if told is not None and not told.has_steps:
        claim.steps.are_none()
    if told is None or told.run_key != run_key:
        return NOT_AHEAD
    return BookedAhead(row.booking is not None, told.refusal if row.intent_token is None else None)
