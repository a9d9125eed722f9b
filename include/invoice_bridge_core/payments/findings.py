"""What there is to say of a booked document's payment, and to whom."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind, format_amount
from invoice_bridge_core.payments.what_counts import rest_left

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.routes.model import Route


class Finding(StrEnum):
    """The rows of the payment summary."""

    TO_REPORT = "paid, not reported yet"
    REPORTED = "reported as paid"
    PART_PAID = "paid in part"
    OPEN = "not paid"
    DRAFT = "draft in finance"
    CREDIT_HELD = "cleared by credit, held"
    REMOVED = "payment removed after it was reported"
    GONE = "voided or deleted in finance"
    UNTOLD = "not reported by this route"


def kinds_left(route: Route) -> frozenset[DocumentKind]:
    """The kinds whose payment is never told: card payments, known to be paid; credit notes unless the route says so."""
    left = {DocumentKind.CARD_PAYMENT}
    return frozenset(left if route.payments.report_credit_notes else left | {DocumentKind.CREDIT_NOTE})


def finding(entry: PaymentStatusRow, route: Route) -> Finding:
    """What the newest booking status means for the source."""
    booking_status = entry.booking_status
    if entry.row.facts.kind in kinds_left(route):
        return Finding.UNTOLD
    if booking_status is None:
        return Finding.DRAFT if entry.booking.is_draft else Finding.OPEN
    if booking_status.is_gone:
        return Finding.GONE
    if entry.told_on is not None:
        return Finding.REPORTED if booking_status.is_paid_in_full else Finding.REMOVED
    if booking_status.booking.is_draft or entry.booking.is_draft:
        # A draft that has become real since is reported as such first.
        return Finding.DRAFT
    if not booking_status.is_paid_in_full or booking_status.paid_in_full_on is None:
        return Finding.PART_PAID if booking_status.paid > 0 or booking_status.credited > 0 else Finding.OPEN
    is_credit_note = entry.row.facts.kind is DocumentKind.CREDIT_NOTE
    if booking_status.is_cleared_by_credit and not is_credit_note and route.payments.settled_by_credit == "hold":
        return Finding.CREDIT_HELD
    return Finding.TO_REPORT


def for_a_person(entry: PaymentStatusRow, route: Route) -> str | None:
    """What somebody has to look at, in one sentence; `None` when nobody has to."""
    booking_status, source = entry.booking_status, route.source.system_name
    number = entry.row.number or entry.row.ref.source_id
    if entry.reason is not None:
        return entry.reason
    if booking_status is None:
        return None
    name = booking_status.booking.number
    match finding(entry, route):
        case Finding.GONE:
            told = f", after {source} was told that it was paid on {entry.told_on}" if entry.told_on else ""
            return (
                f"{name} was voided or deleted in finance{told}, but {number} is still processed in {source}. "
                "Credit it there, or book it in finance by hand"
            )
        case Finding.REMOVED:
            left = format_amount(booking_status.left)
            return (
                f"{source} was told that {number} was paid on {entry.told_on}. Since then a payment was removed in "
                f"finance, and {left} {entry.row.currency} is open again. {source} cannot be told: tell the people who "
                "work with it"
            )
        case Finding.CREDIT_HELD:
            return (
                f"{name} was cleared by a credit note, not by money. The route leaves it to a person whether {number} "
                "counts as paid"
            )
    if booking_status.overpaid:
        overpaid = f"{format_amount(booking_status.overpaid)} {entry.row.currency}"
        return f"{name} was overpaid by {overpaid}: pay it back or set it off"
    return rest_left(entry, route) if entry.told_on is not None else None
