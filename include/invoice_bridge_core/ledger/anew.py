"""What is written about a claimed document whose end was taken back by its source, or by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import LedgerError
from invoice_bridge_core.ledger.database.leases import NO_LEASE
from invoice_bridge_core.ledger.database.tables import NOW, payment_statuses
from invoice_bridge_core.ledger.documents.lookups import REJECTION
from invoice_bridge_core.ledger.documents.row import booking_columns
from invoice_bridge_core.ledger.payments import writes
from invoice_bridge_core.ledger.payments.payment_claim import PAYMENT_REPORT

if TYPE_CHECKING:
    from collections.abc import Collection

    from invoice_bridge_core.ledger.documents.claim import Claim
    from invoice_bridge_core.ports import Booking

SET_BACK = "taken up again"
"""The step of a document that its source offered again after it was told of the booking; done when it is told again."""

REQUEUE = "requeue"
"""The step that puts a document back into its source's queue, because a person wants that."""

_UNTOLD: dict[str, Any] = {"telling_on": None, "told_on": None, "told_at": None, "reason": None, "reason_at": None}
_NO_INTENT: dict[str, Any] = {
    "intent_token": None,
    "intent_number": None,
    "intent_payload_hash": None,
    "intent_at": None,
}
_NO_BOOKING: dict[str, Any] = {
    "finance_conn": None,
    "finance_id": None,
    "finance_number": None,
    "finance_status": None,
    "finance_contact_id": None,
    "finance_currency": None,
    "finance_total": None,
    "finance_tax_reduction": 0,
    "finance_marker": None,
    "finance_due_date": None,
    "finance_is_draft": False,
    "finance_customer_code": None,
    "finance_link": None,
    "finance_warnings": None,
    "booked_at": None,
    "reported_at": None,
}
_NO_REASON: dict[str, Any] = {"reason": None, "held_fingerprint": None, "announced_reason": None}


class AnewClaim:
    """A claimed document that is begun anew, written under the claim's lease.

    Every method raises `LeaseLostError` when somebody else has taken the document over, and `LedgerError` when the
    ledger cannot be used or the document's state does not allow what is asked for.
    """

    def __init__(self, claim: Claim) -> None:
        self._claim = claim
        self._leased = claim.leased

    @property
    def is_set_back(self) -> bool:
        """Whether the document's source offered it again, and was not told again since."""
        return self._claim.steps.was_tried(SET_BACK) and not self._claim.steps.is_done(SET_BACK)

    def offered_again(self, note: str, reports: Collection[str]) -> None:
        """Note that a document that had come to its end is offered again; the lease is kept.

        What was booked stays booked, and has to be told again, its payment too. What was rejected is as if new.

        :param reports: the steps by which the source was told.
        """
        row = self._claim.row
        if row.state not in (DocumentState.TRANSFERRED, DocumentState.REJECTED):
            raise LedgerError(f"{row.label} is {row.state}: it has no end that could be taken back")
        steps = self._claim.steps
        # The state comes last: an attempt that dies before it finds the document offered once more.
        for step in (*reports, PAYMENT_REPORT, REJECTION, SET_BACK):
            steps.taken_back(step)
        if row.booking is None:
            self._leased.change({**_NO_REASON, "state": DocumentState.SEEN, "reported_at": None}, note)
            return
        steps.intend(SET_BACK)
        values = {**_NO_REASON, "state": DocumentState.BOOKED, "reported_at": None}
        self._leased.change(values, note, also=self._untold)

    def told_again(self) -> None:
        """Note that the source of a document that was offered again was told again; the end itself follows."""
        if self.is_set_back:
            self._claim.steps.done(SET_BACK)

    def forget_booking(self, note: str) -> None:
        """Note that the document's booking is gone, so that the document is booked anew. Releases the lease."""
        self._take_back_steps()
        withdrawn = self._leased.record["intents_withdrawn"] + 1
        values = {**_NO_BOOKING, **_NO_INTENT, **_NO_REASON, **NO_LEASE, "intents_withdrawn": withdrawn}
        self._leased.change({**values, "state": DocumentState.SEEN}, note, also=self._unseen)

    def requeued(self, note: str) -> None:
        """Note that a document without a booking waits in its source again, as if it were new. Releases the lease."""
        row = self._claim.row
        if row.booking is not None or row.intent_token is not None:
            raise LedgerError(f"{row.label} is booked, or may be: it cannot be taken for new")
        for step in (REJECTION, SET_BACK):
            self._claim.steps.taken_back(step)
        self._leased.change({**_NO_REASON, **NO_LEASE, "state": DocumentState.SEEN, "reported_at": None}, note)

    def replace_booking(self, booking: Booking, note: str) -> None:
        """Note that another booking stands for the document, because its own is gone. Releases the lease."""
        self._take_back_steps()
        self._leased.change(
            {**booking_columns(booking), **_NO_REASON, **NO_LEASE, "state": DocumentState.BOOKED, "booked_at": NOW},
            note,
            also=self._unseen,
        )

    def accept_booking(self, booking: Booking, note: str) -> None:
        """Note the document's booking as a person left it and wants it told. Releases the lease."""
        self.told_again()
        values = {**booking_columns(booking), **_NO_REASON, **NO_LEASE, "state": DocumentState.BOOKED}
        self._leased.change(values, note)

    def _take_back_steps(self) -> None:
        """What was sent for the booking that is gone says nothing of another one."""
        for step in self._claim.steps.names:
            if step != REQUEUE:
                self._claim.steps.taken_back(step)

    def _untold(self, connection: sa.Connection) -> None:
        writes.change(connection, self._claim.row.id, _UNTOLD)

    def _unseen(self, connection: sa.Connection) -> None:
        of_document = payment_statuses.c.document_id == self._claim.row.id
        connection.execute(sa.delete(payment_statuses).where(of_document))
