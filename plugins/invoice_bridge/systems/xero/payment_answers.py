"""What an invoice or a credit note of Xero's says of its payment (contract xero.md)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge.hooks.xero.wire import XeroInvoice
from invoice_bridge.systems.xero.booking_answers import booking_of
from invoice_bridge_core.ports.booking_status import BookingLine, BookingStatus

if TYPE_CHECKING:
    from invoice_bridge.hooks.xero.wire import XeroCreditNote

GONE = frozenset({"VOIDED", "DELETED"})
"""Statuses of what does not count any more."""


def status_of(found: XeroInvoice | XeroCreditNote, short_code: str | None) -> BookingStatus:
    """What Xero has, and what is paid of it.

    :raises GarbledAnswerError: the answer lacks what tells one booking from another.
    """
    booking = booking_of(found, short_code)
    is_paid_in_full = booking.status == "PAID"
    if isinstance(found, XeroInvoice):
        credited = found.amount_credited or Decimal(0)
        # Xero counts what the customer had paid before as credit, yet it is money.
        advanced = min(_advanced(found), credited)
        paid, credited = (found.amount_paid or Decimal(0)) + advanced, credited - advanced
    else:
        left = found.remaining_credit if found.remaining_credit is not None else booking.total
        paid, credited = booking.total - left, Decimal(0)
    paid_in_full_on = found.fully_paid_on or (found.updated.date() if found.updated else None)
    return BookingStatus(
        booking=booking,
        paid=paid,
        credited=credited,
        is_paid_in_full=is_paid_in_full,
        paid_in_full_on=paid_in_full_on if is_paid_in_full else None,
        is_gone=booking.status in GONE,
        dated=found.date,
        contact_name=found.contact.name if found.contact else None,
        lines=_lines(found),
    )


def _lines(found: XeroInvoice | XeroCreditNote) -> tuple[BookingLine, ...] | None:
    # A list in short shows an empty list of lines, which no real document has.
    if not found.line_items:
        return None
    return tuple(
        BookingLine(
            description=line.description,
            quantity=line.quantity,
            price=line.unit_amount,
            account=line.account_code,
            item=line.item_code,
            total=line.line_amount,
        )
        for line in found.line_items
    )


def is_cleared_without_payment(invoice: XeroInvoice) -> bool:
    """Whether credit alone has cleared it: a credit note, or what the customer had paid before."""
    is_paid_in_full = (invoice.status or "").upper() == "PAID"
    return is_paid_in_full and not invoice.amount_paid and bool(invoice.amount_credited)


def _advanced(invoice: XeroInvoice) -> Decimal:
    amounts = (one.total if one.applied is None else one.applied for one in invoice.advances)
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


def last_number(invoice: XeroInvoice) -> str | None:
    """The id of its last payment, else of its last advance, else its last credit note's number."""
    advances = [(one.date or dt.date.min, one.advance_id) for one in invoice.advances if one.advance_id]
    return (
        last_payment(invoice)
        or (max(advances)[1] if advances else None)
        or next((note.number for note in reversed(invoice.credit_notes or ()) if note.number), None)
    )


def last_payment(found: XeroInvoice | XeroCreditNote) -> str | None:
    """The id of its last payment, or of the last refund."""
    payments = _payments(found)
    return max(payments)[1] if payments else None


def last_paid_on(found: XeroInvoice | XeroCreditNote) -> dt.date | None:
    """The day of its last payment, if that has one."""
    return max((on for on, _ in _payments(found) if on > dt.date.min), default=None)


def _payments(found: XeroInvoice | XeroCreditNote) -> list[tuple[dt.date, str]]:
    return [
        (one.date or dt.date.min, one.payment_id)
        for one in found.payments or ()
        if one.payment_id and not one.is_deleted
    ]
