"""What a finance system holds for a document: under the number that it would book it as."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.ports import Booking, FinanceSystem


def booked_as(finance: FinanceSystem, document: Document) -> Booking | None:
    number = finance.bookings.booking_number(document)
    booking_status = finance.bookings.find_by_number(number, is_credit_note=document.is_credit_note)
    return booking_status.booking if booking_status else None
