"""What source and finance do not agree on about a document's payment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind, format_amount
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.payments.findings import Finding, finding, for_a_person, kinds_left
from invoice_bridge_core.payments.what_counts import as_it_counts
from invoice_bridge_core.reconciliation.kinds import Difference, Kind, Severity
from invoice_bridge_core.reconciliation.sides import SourceWord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.reconciliation.sides import Sides, Systems


def payment(sides: Sides, systems: Systems) -> Iterator[Difference]:
    """Paid in full on one side only; card money that finance does not have."""
    booking_status, entry = sides.booking_status, sides.payment
    if booking_status is None or booking_status.is_gone or entry is None or sides.is_second:
        return
    booking_status = as_it_counts(replace(entry, booking_status=booking_status), systems.route).booking_status
    if booking_status is None:
        return
    is_paid_in_source = sides.source_word is SourceWord.PAID
    if is_paid_in_source and not booking_status.is_paid_in_full:
        yield Difference(
            Kind.PAID_IN_SOURCE,
            Severity.CONTRADICTION,
            f"{systems.source} says paid, but {_left(booking_status)} {booking_status.booking.currency} is open in "
            f"{systems.finance}",
            f"Look in {systems.finance} whether a payment was removed or never entered. {systems.source} cannot be "
            "told that it is not paid after all",
        )
    elif booking_status.is_paid_in_full and not is_paid_in_source:
        yield from _paid_in_finance(sides, entry, booking_status, systems)
    elif _is_card_money_missing(sides, booking_status, systems):
        yield Difference(
            Kind.STATUS,
            Severity.CONTRADICTION,
            f"a card has paid it, but {_left(booking_status)} {booking_status.booking.currency} is open in "
            f"{systems.finance}",
            f"Book the card money on {booking_status.booking.number} in {systems.finance}",
        )


def _paid_in_finance(
    sides: Sides, entry: PaymentStatusRow, booking_status: BookingStatus, systems: Systems
) -> Iterator[Difference]:
    if sides.kind in kinds_left(systems.route) or entry.row.state is not DocumentState.TRANSFERRED:
        return
    # What finance says now counts, not what the ledger noted last.
    now = replace(entry, booking_status=booking_status)
    said = f"{systems.source} says {sides.source_word}" if systems.shows_reported else f"{systems.source} was not told"
    text = f"{systems.finance} says paid on {booking_status.paid_in_full_on or 'an unknown day'}, {said}"
    if entry.told_on is not None:
        text = f"{text}, though it was told so on {entry.told_on}"
    elif entry.reason is None and finding(now, systems.route) is not Finding.CREDIT_HELD:
        yield Difference(Kind.PAID_IN_FINANCE, Severity.PASSING, text, f"The next payment run tells {systems.source}")
        return
    else:
        text = f"{text}: {for_a_person(now, systems.route)}"
    yield Difference(
        Kind.PAID_IN_FINANCE, Severity.CONTRADICTION, text, f"Set {sides.number} as paid in {systems.source}, if it is"
    )


def _is_card_money_missing(sides: Sides, booking_status: BookingStatus, systems: Systems) -> bool:
    is_card = sides.kind is DocumentKind.CARD_PAYMENT
    is_done = sides.row is not None and sides.row.state is DocumentState.TRANSFERRED
    return is_card and is_done and systems.tells_payments and not booking_status.is_paid_in_full


def _left(booking_status: BookingStatus) -> str:
    return format_amount(booking_status.left)
