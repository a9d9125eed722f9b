"""Looking for what was sent under whatever number it has now, before a create without a known end is sent again.

A person may have given the booking another number before anybody looked. The number alone would not find it then, and
the document would be booked twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.marks import is_mark_of
from invoice_bridge_core.errors import InDoubtError
from invoice_bridge_core.transfer.recheck import seen_under_number
from invoice_bridge_core.transfer.ways_to_say import BOOKED_AS, NOT_BOOKED, what_you_can_do

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ledger import Claim, DocumentRow, Ledger
    from invoice_bridge_core.ports import Booking, FinanceSystem, ReferenceData
    from invoice_bridge_core.ports.finance.sent_documents import Lookalike
    from invoice_bridge_core.transfer.contact_step import ContactStep


class RenumberedBookings:
    """Looks beyond the number, for documents of one route.

    :param tolerance: how far a booking's total may differ from its document's, in the document's currency.
    """

    def __init__(self, finance: FinanceSystem, ledger: Ledger, contacts: ContactStep, tolerance: Decimal) -> None:
        self._finance = finance
        self._ledger = ledger
        self._contacts = contacts
        self._tolerance = tolerance

    def find(self, claim: Claim, document: Document, reference: ReferenceData) -> Booking | None:
        """The document's booking under another number; `None` when there certainly is none.

        With our mark, and with the contact, currency and total that were sent, it is the document's. Without a mark all
        else has to be as it was sent, and the finance system has to show that it came after the intent.

        :raises InDoubtError: something may be the document's booking, or finance cannot be asked.
        """
        row, sent = claim.row, self._finance.sent_documents
        if sent is None or row.intent_at is None:
            raise self._doubt(document, f"{self._finance.name} cannot be asked for it by anything but its number")
        contact_id = self._contacts.remembered_id(document.party) if document.party else None
        found = sent.lookalikes(document, contact_id or "", reference, row.intent_at)
        found = self._without_others(row, document, found)
        ours = [one for one in found if is_mark_of(one.status.booking.marker, document.ref)] or [
            one for one in found if self._may_be(row, document, one, contact_id)
        ]
        if not ours:
            return None
        first, booking = ours[0], ours[0].status.booking
        if len(ours) > 1:
            names = " and ".join(f"{one.status.booking.number} ({one.status.booking.finance_id})" for one in ours[:5])
            raise self._doubt(document, f"{names} in {self._finance.name} may each be it")
        if (difference := self._difference(row, document, first, contact_id)) is not None:
            raise self._doubt(
                document,
                f"{booking.number} ({booking.finance_id}) in {self._finance.name} may be it, renumbered by hand: "
                f"{difference}",
            )
        return booking

    def _without_others(self, row: DocumentRow, document: Document, found: Sequence[Lookalike]) -> list[Lookalike]:
        """Those that no other document has or claims."""
        left = [
            one
            for one in found
            if one.status.booking.marker is None or is_mark_of(one.status.booking.marker, document.ref)
        ]
        taken = self._ledger.taken_by_others(row, self._finance.conn_id, [one.status.booking for one in left])
        return [one for one in left if one.status.booking.finance_id not in taken]

    def _may_be(self, row: DocumentRow, document: Document, one: Lookalike, contact_id: str | None) -> bool:
        """Whether a booking without a mark is like what was sent, but for what a person may have changed in it."""
        booking = one.status.booking
        if one.status.is_gone or booking.currency != document.currency:
            return False
        has_same_total = abs(booking.total - document.total_incl_vat) <= self._tolerance
        has_same_contact = contact_id is None or self._is_contact(booking.contact_id, contact_id)
        if one.has_same_lines and (has_same_total or has_same_contact):
            return True
        # What was sent is not known any more, once its source has changed the document.
        knows_total = row.intent_payload_hash == document.payload_hash
        return has_same_contact and (has_same_total if knows_total else True) and one.has_same_day

    def _difference(self, row: DocumentRow, document: Document, one: Lookalike, contact_id: str | None) -> str | None:
        """Why what was found cannot be taken for ours without a person; `None` when it can."""
        booking = one.status.booking
        if one.status.is_gone:
            return "it is voided there"
        if booking.currency != document.currency:
            return f"its currency is {booking.currency}, not {document.currency}"
        if abs(booking.total - document.total_incl_vat) > self._tolerance:
            return f"its total is {format_amount(booking.total)}, not {format_amount(document.total_incl_vat)}"
        if contact_id is not None and not self._is_contact(booking.contact_id, contact_id):
            return "it is booked on another contact"
        if booking.marker is not None:
            return None
        if contact_id is None:
            return "it does not carry our mark, and the contact that it was sent for is not known any more"
        if row.intent_payload_hash != document.payload_hash:
            return f"it does not carry our mark, and {document.number} has changed in its source since it was sent"
        return f"it does not carry our mark, and {one.difference}" if one.difference is not None else None

    def _is_contact(self, found_id: str, contact_id: str) -> bool:
        return found_id == contact_id or self._contacts.is_successor(found_id, of=contact_id)

    def _doubt(self, document: Document, why: str) -> InDoubtError:
        number = self._finance.bookings.booking_number(document)
        return InDoubtError(
            f"{document.number} was sent to {self._finance.name} as {number}, and its answer was lost. Nothing has "
            f"that number now, but {why}. Nothing is sent again before a person has looked. If that is this document, "
            f"give it the number {number} again, or say “{BOOKED_AS}”; if it is none of ours, say “{NOT_BOOKED}”. "
            f"{what_you_can_do(document.number)}",
            seen=seen_under_number(None),
        )
