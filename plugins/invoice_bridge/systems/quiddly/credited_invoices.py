"""The invoice that a credit refers to, in Quiddly."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from invoice_bridge.systems.marks import booking_number
from invoice_bridge.systems.quiddly.debtor import customer_number
from invoice_bridge_core.transfer.credit_notes import why_not_credited

if TYPE_CHECKING:
    from invoice_bridge.systems.quiddly.find import NumberSearch
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports import Booking
    from invoice_bridge_core.routes.model import Route

log = logging.getLogger(__name__)


class QuiddlyCreditedInvoices:
    """Looks for the invoices that credits name as their `debitInvoiceNumber`.

    :param search: finds by number; `None` where the route has no path for it.
    """

    def __init__(self, route: Route, search: NumberSearch | None) -> None:
        self._route = route
        self._search = search

    def refers_to_credited(self, credit_note: Document) -> bool:
        """Every credit does, card refunds too: Quiddly refuses one whose `debitInvoiceNumber` it does not know."""
        return True

    def find_credited(self, document: Document) -> Booking | None:
        """The invoice that the credit note names, with the route's prefix or, made by hand, without it.

        A stranger's invoice of that number is none: a credit that was activated against it could not be called back.
        """
        if document.credited_number is None or self._search is None:
            return None
        prefixed = booking_number(document.credited_number, self._route)
        for number in dict.fromkeys((prefixed, document.credited_number)):
            booking = self._search.numbered(number)
            if booking is None:
                continue
            if (reason := why_not_credited(booking, document) or _why_not_of_debtor(booking, document)) is None:
                return booking
            log.warning("Invoice %s in Quiddly is not what %s credits: %s", number, document.number, reason)
        return None


def _why_not_of_debtor(invoice: Booking, credit_note: Document) -> str | None:
    """Why the invoice is not of the credit note's debtor; `None` when it is, or the credit note names none."""
    party = credit_note.party
    if party is None or invoice.contact_id.casefold() == customer_number(party).casefold():
        return None
    return f"its debtor is {invoice.contact_id}, not {customer_number(party)}"
