"""One booking by its id, whatever a person gives for one, and whether it still counts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from invoice_bridge.systems.xero.booking_status import GONE, status_of
from invoice_bridge_core.errors import NotFoundError
from invoice_bridge_core.ports.booking_status import BookingStatus

if TYPE_CHECKING:
    from invoice_bridge.hooks.xero.hook import XeroHook
    from invoice_bridge_core.ports import Booking


def as_found(booking: Booking) -> BookingStatus:
    """The booking, and whether it was voided or deleted."""
    return BookingStatus(booking=booking, is_gone=booking.status in GONE)


def status_with_id(
    hook: XeroHook, finance_id: str, short_code: str | None, *, is_credit_note: bool
) -> BookingStatus | None:
    """The sales invoice or credit note of this id, in any status; one call, none for what is no id."""
    try:
        wanted = str(UUID(finance_id))
    except ValueError:
        return None
    try:
        if is_credit_note:
            note = hook.credit_note(wanted)
            return status_of(note, short_code) if note.type in (None, "ACCRECCREDIT") else None
        invoice = hook.invoice(wanted)
        return status_of(invoice, short_code) if invoice.type in (None, "ACCREC") else None
    except NotFoundError:
        return None
