"""Whether what finance has under a document's number is what was sent: by our mark, else field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.marks import is_mark_of

if TYPE_CHECKING:
    from decimal import Decimal

    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.ports import Booking, FinanceSystem, ReferenceData
    from invoice_bridge_core.transfer.contact_step import ContactStep


class Recognition:
    """Compares bookings of one finance system with the documents that they may be.

    :param tolerance: how far a booking's total may differ from its document's, in the document's currency.
    """

    def __init__(self, finance: FinanceSystem, contacts: ContactStep, tolerance: Decimal) -> None:
        self._finance = finance
        self._contacts = contacts
        self._tolerance = tolerance

    def difference(
        self, row: DocumentRow, document: Document, found: Booking, reference: ReferenceData, *, may_be_ours: bool
    ) -> str | None:
        """Why what finance has is not what was sent; `None` when it is.

        :param may_be_ours: whether a write without an answer may have made it. Where nothing of ours can be there, only
            our mark shows that it is.
        """
        difference = self._plain_difference(document, found)
        if is_mark_of(found.marker, document.ref):
            return difference
        mark = self._finance.bookings.marker(document) or str(document.ref)
        no_mark = f"it does not carry our mark {mark!r}"
        if found.marker is not None:
            return f"{no_mark}, but that of another document, {found.marker!r}"
        if self._finance.sent_documents is None:
            return no_mark
        if not may_be_ours:
            return f"{no_mark}, and {difference or 'it was there before this document was sent'}"
        # Somebody may have typed the same number by hand.
        difference = difference or self._why_not_sent(row, document, found, reference)
        return f"{no_mark}, and {difference}" if difference is not None else None

    def _plain_difference(self, document: Document, found: Booking) -> str | None:
        if found.currency != document.currency:
            return f"its currency is {found.currency}, not {document.currency}"
        if abs(found.total - document.total_incl_vat) > self._tolerance:
            return f"its total is {format_amount(found.total)}, not {format_amount(document.total_incl_vat)}"
        remembered = self._contacts.remembered_id(document.party) if document.party else None
        if (
            remembered is not None
            and remembered != found.contact_id
            and not self._contacts.is_successor(found.contact_id, of=remembered)
        ):
            return "it is booked on another contact"
        return None

    def _why_not_sent(
        self, row: DocumentRow, document: Document, found: Booking, reference: ReferenceData
    ) -> str | None:
        contact_id = self._contacts.remembered_id(document.party) if document.party else None
        sent = self._finance.sent_documents
        if sent is None or contact_id is None or row.intent_at is None:
            return "what was sent is not known any more"
        if row.intent_payload_hash != document.payload_hash:
            return f"{document.number} has changed in its source since it was sent"
        return sent.difference(document, found, contact_id, reference, row.intent_at)
