"""When a booking counts as paid in full although finance does not say so.

Nothing to pay is paid on the document's date. A payment that leaves no more than `payments.tolerance` is a payment in
full: payers round, and banks keep fees.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind, format_amount
from invoice_bridge_core.ports.booking_status import BookingStatus

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ports import Booking
    from invoice_bridge_core.routes.model import Route

_IN_FULL_OR_NOT_AT_ALL = frozenset({DocumentKind.CARD_PAYMENT, DocumentKind.CREDIT_NOTE})
"""Card money, and what is given back: the tolerance is for what customers pay."""


def as_it_counts(entry: PaymentStatusRow, route: Route) -> PaymentStatusRow:
    """The document with its booking status as the route takes it; drafts and what is gone stay as they are."""
    known = entry.booking_status
    booking = known.booking if known is not None else entry.booking
    if booking.is_draft or entry.booking.is_draft or (known is not None and known.is_gone):
        return entry
    if is_nothing_to_pay(booking) and entry.row.facts.document_date is not None:
        paid = {"is_paid_in_full": True, "paid_in_full_on": entry.row.facts.document_date}
        return replace(entry, booking_status=(known or BookingStatus(booking=booking)).model_copy(update=paid))
    if known is not None and not known.is_paid_in_full and _leaves_little(entry, known, route):
        return replace(entry, booking_status=known.model_copy(update={"is_paid_in_full": True}))
    return entry


def is_nothing_to_pay(booking: Booking) -> bool:
    """Whether the booking asks for no money."""
    return booking.to_pay == 0


def rest_left(entry: PaymentStatusRow, route: Route) -> str | None:
    """What was not paid of a document that counts as paid in full, in one sentence; `None` where nothing is left."""
    status = entry.booking_status
    if status is None or not status.is_paid_in_full or not _leaves_little(entry, status, route):
        return None
    due, paid, left = (
        format_amount(each) for each in (status.booking.to_pay, status.paid + status.credited, status.left)
    )
    return (
        f"{status.booking.number} counts as paid in full: {due} {status.booking.currency} due, {paid} paid, {left} "
        "left, which is within the route's payments.tolerance"
    )


def _leaves_little(entry: PaymentStatusRow, status: BookingStatus, route: Route) -> bool:
    if entry.row.facts.kind in _IN_FULL_OR_NOT_AT_ALL or status.paid_in_full_on is None:
        return False
    # Of a very small invoice no tolerance makes a small part the whole.
    return 0 < status.left <= min(route.payments_tolerance, status.paid)
