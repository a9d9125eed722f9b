"""One document on its way into a batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document, DocumentRef
    from invoice_bridge_core.ledger import Claim
    from invoice_bridge_core.ports import Booking


@dataclass(frozen=True)
class Wanted:
    """A document of the run.

    :param claimant: its own task, in whose name the lease is taken: if the batch's process dies, that task goes on.
    """

    ref: DocumentRef
    claimant: str


@dataclass
class Member:
    """A document that nothing speaks against.

    :param number: its number in finance.
    :param credited: the booking of the invoice that a credit note refers to.
    :param was_kept: whether an earlier step of the run read it.
    :param held_for: why it was held until now.
    :param contact_id: the contact that it is booked on.
    :param element: the text that is sent.
    """

    claim: Claim
    document: Document
    number: str
    credited: Booking | None = None
    was_kept: bool = False
    held_for: str | None = None
    contact_id: str = ""
    element: str = field(default="", repr=False)

    @property
    def is_leased(self) -> bool:
        """Whether the lease is still to be given back."""
        return self.claim.leased.record["lease_token"] is not None
