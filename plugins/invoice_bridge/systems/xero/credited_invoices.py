"""The invoice that a credit note refers to, in Xero."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from invoice_bridge.systems.marks import booking_number
from invoice_bridge.systems.xero.payment_answers import GONE
from invoice_bridge_core.transfer.credit_notes import why_not_credited

if TYPE_CHECKING:
    from invoice_bridge.systems.xero.find import BookingFinder
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports import Booking
    from invoice_bridge_core.routes.model import Route

log = logging.getLogger(__name__)


class XeroCreditedInvoices:
    """Looks for the invoices that credit notes are allocated to."""

    def __init__(self, route: Route, finder: BookingFinder) -> None:
        self._route = route
        self._finder = finder

    def refers_to_credited(self, credit_note: Document) -> bool:
        """What is allocated to its invoice does; a card refund has its money back already, and no allocation."""
        return not credit_note.is_card_refund

    def find_credited(self, document: Document) -> Booking | None:
        """The invoice that the credit note names, with the route's prefix or, booked by hand, without it; one call.

        On whose contact it is, the allocation compares, once the credit note has one.
        """
        if document.credited_number is None:
            return None
        prefixed = booking_number(document.credited_number, self._route)
        for found in self._finder.invoices([prefixed, document.credited_number]):
            gone = f"it is {found.status.lower()}" if found.status in GONE else None
            if (reason := gone or why_not_credited(found, document)) is None:
                return found
            log.warning("Invoice %s in Xero is not what %s credits: %s", found.number, document.number, reason)
        return None
