"""What there is to say of a booked document's payment, and to whom."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind, format_amount

if TYPE_CHECKING:
    from invoice_bridge_core.ledger.payments.payment_status import SettlementRow
    from invoice_bridge_core.routes.model import Route


class Finding(StrEnum):
    """One word per row of the payment summary."""

    TO_REPORT = "paid, not reported yet"
    REPORTED = "reported as paid"
    PART_PAID = "paid in part"
    OPEN = "not paid"
    DRAFT = "draft in finance"
    CREDIT_HELD = "settled by credit, held"
    REMOVED = "payment removed after it was reported"
    GONE = "voided or deleted in finance"
    UNTOLD = "not reported by this route"


def kinds_left(route: Route) -> frozenset[DocumentKind]:
    """The kinds whose payment is never told: card money, known to be paid, and credit notes unless told to."""
    left = {DocumentKind.CARD_PAYMENT}
    return frozenset(left if route.payments.report_credit_notes else left | {DocumentKind.CREDIT_NOTE})


def finding(entry: SettlementRow, route: Route) -> Finding:
    """What the newest standing means for the source."""
    standing = entry.standing
    if entry.row.facts.kind in kinds_left(route):
        return Finding.UNTOLD
    if standing is None:
        return Finding.DRAFT if entry.row.booking is not None and entry.row.booking.is_draft else Finding.OPEN
    if standing.is_gone:
        return Finding.GONE
    if entry.told_on is not None:
        return Finding.REPORTED if standing.is_settled else Finding.REMOVED
    if standing.booking.is_draft or (entry.row.booking is not None and entry.row.booking.is_draft):
        # What became real since is told of as such first.
        return Finding.DRAFT
    if not standing.is_settled or standing.settled_on is None:
        return Finding.PART_PAID if standing.paid > 0 or standing.credited > 0 else Finding.OPEN
    is_credit_note = entry.row.facts.kind is DocumentKind.CREDIT_NOTE
    if standing.is_settled_by_credit and not is_credit_note and route.payments.settled_by_credit == "hold":
        return Finding.CREDIT_HELD
    return Finding.TO_REPORT


def for_a_person(entry: SettlementRow, route: Route) -> str | None:
    """What somebody has to look at, in one sentence; `None` when nobody has to."""
    standing, source = entry.standing, route.source.system
    number = entry.row.number or entry.row.ref.source_id
    if entry.reason is not None:
        return entry.reason
    if standing is None:
        return None
    name = standing.booking.number
    match finding(entry, route):
        case Finding.GONE:
            told = f", after {source} was told that it was paid on {entry.told_on}" if entry.told_on else ""
            return f"{name} was voided or deleted in finance{told}: {number} is still processed in {source}"
        case Finding.REMOVED:
            left = format_amount(standing.left)
            return (
                f"{source} was told that {number} was paid on {entry.told_on}; since then a payment was removed in "
                f"finance and {left} {entry.row.currency} is open: {source} has no call to take it back"
            )
        case Finding.CREDIT_HELD:
            return f"{name} was settled by a credit note, without money: the route lets a person decide"
    if standing.overpaid:
        return (
            f"{name} was overpaid by {format_amount(standing.overpaid)} {entry.row.currency}: pay it back or set it off"
        )
    return None
