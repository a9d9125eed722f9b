"""Documents as Xero prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.errors import NotFoundError

if TYPE_CHECKING:
    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge_core.ports import Booking


class XeroFiles:
    """The PDFs of one Xero organisation."""

    def __init__(self, hook: XeroHook) -> None:
        self._hook = hook

    def pdf(self, booking: Booking) -> bytes:
        """The booked document as Xero prints it; a booking does not tell which of the two kinds it is.

        :raises NotFoundError: Xero has neither an invoice nor a credit note of that id.
        """
        try:
            return self._hook.invoice_pdf(booking.finance_id)
        except NotFoundError:
            return self._hook.credit_note_pdf(booking.finance_id)
