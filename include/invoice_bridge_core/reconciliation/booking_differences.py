"""What source, ledger and finance do not agree on about a document's booking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind, format_amount
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.reconciliation.kinds import Difference, Kind, Severity
from invoice_bridge_core.reconciliation.sides import SourceWord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.ports import Booking
    from invoice_bridge_core.reconciliation.sides import Sides, Systems


def missing(sides: Sides, systems: Systems) -> Iterator[Difference]:
    """A side that knows nothing of the document, though another one says that it should."""
    known, living = sides.known_booking, sides.living
    if sides.row is None and living:
        yield Difference(
            Kind.MISSING_IN_LEDGER,
            Severity.CONTRADICTION,
            f"{living[0].booking.number} in {systems.finance} carries our mark, or number and total of the document, "
            "but the ledger does not know it",
            "Restore the ledger from its backup before the next transfer, or void this booking by hand. Only the "
            "ledger keeps documents from being booked twice",
        )
    if known is not None and not sides.bookings and sides.is_finance_asked:
        yield Difference(
            Kind.MISSING_IN_FINANCE,
            Severity.CONTRADICTION,
            f"the ledger says that it is booked as {known.number}, but {systems.finance} no longer has that document",
            f"Find out in {systems.finance} who deleted {known.number}; book it there by hand, or credit it in "
            f"{systems.source}",
        )
    if sides.source_word is SourceWord.NOT_THERE:
        yield Difference(
            Kind.MISSING_IN_SOURCE,
            Severity.CONTRADICTION,
            f"{systems.source} no longer knows it",
            f"Ask in {systems.source} why it was deleted; void it in {systems.finance} if it must not count",
        )
    elif sides.source_word is SourceWord.NOT_SHOWN and known is None and not living and not _is_rejected(sides):
        yield Difference(
            Kind.MISSING_IN_SOURCE,
            Severity.CONTRADICTION,
            f"{systems.source} no longer offers it, and this package did not book it",
            f"Look in {systems.source} whether it was invoiced by hand or withdrawn",
        )


def booked_twice_or_unknown(sides: Sides, systems: Systems) -> Iterator[Difference]:
    """More than one booking that counts, or one that the ledger does not know."""
    known = sides.known_booking
    if sides.is_second or len(sides.living) > 1:
        others = sorted(one.booking.number or one.booking.finance_id for one in sides.living)
        numbers = dict.fromkeys([known.number, *others] if known is not None else others)
        yield Difference(
            Kind.TWICE,
            Severity.CONTRADICTION,
            f"{systems.finance} has it more than once: {', '.join(numbers)}",
            f"Void the surplus bookings in {systems.finance}" + (f"; the ledger says {known.number}" if known else ""),
        )
    elif sides.row is not None and known is None and sides.living:
        number = sides.living[0].booking.number
        will_look = sides.row.intent_token is not None
        yield Difference(
            Kind.STATUS,
            Severity.PASSING if will_look else Severity.CONTRADICTION,
            f"it is in {systems.finance} as {number}, but the ledger does not know that booking",
            "The next transfer finds it there and goes on from it"
            if will_look
            else f"Find out who booked {number}; void it in {systems.finance} if it is one too many",
        )


def gone(sides: Sides, systems: Systems) -> Iterator[Difference]:
    """The ledger's booking was voided or deleted."""
    booking_status = sides.booking_status
    if booking_status is None or not booking_status.is_gone or sides.known_booking is None:
        return
    told = f", and {systems.source} says {sides.source_word}" if sides.is_told else ""
    yield Difference(
        Kind.GONE,
        Severity.CONTRADICTION,
        f"{booking_status.booking.number} was voided or deleted in {systems.finance}{told}",
        f"If that was meant, credit or cancel {sides.number} in {systems.source}; if not, book it in "
        f"{systems.finance} by hand",
    )


def content(sides: Sides, systems: Systems) -> Iterator[Difference]:
    """Total, currency, contact, number, or whether it is a draft."""
    booking_status = sides.booking_status
    if booking_status is None or booking_status.is_gone or sides.is_second:
        return
    booking, known = booking_status.booking, sides.known_booking
    if sides.currency is not None and booking.currency != sides.currency:
        yield _differs(Kind.CURRENCY, f"{sides.currency}", booking.currency, booking, systems)
    if sides.total is not None and abs(booking.total - sides.total) > systems.route.policy.total_tolerance:
        theirs, ours = format_amount(booking.total), format_amount(sides.total)
        yield _differs(Kind.TOTAL, f"{ours} {sides.currency}", f"{theirs} {booking.currency}", booking, systems)
    if known is None:
        return
    if booking.contact_id not in (known.contact_id, *sides.merged_into):
        yield Difference(
            Kind.CONTACT,
            Severity.CONTRADICTION,
            f"{booking.number} was booked on contact {known.contact_id} and is now on {booking.contact_id}",
            f"The two were not merged: look in {systems.finance} whether {booking.number} was moved by mistake",
        )
    if booking.is_draft != known.is_draft:
        yield _draft(booking, known, systems)
    elif not booking.is_draft and booking.number != known.number:
        yield _renumbered(sides, booking, known, systems)


def _renumbered(sides: Sides, booking: Booking, known: Booking, systems: Systems) -> Difference:
    text = f"it was booked as {known.number} and is now {booking.number}"
    is_followed = sides.kind is not DocumentKind.CREDIT_NOTE or systems.route.payments.report_credit_notes
    if systems.tells_payments and is_followed:
        return Difference(Kind.NUMBER, Severity.PASSING, text, "The next payment run notes the new number")
    step = f"Give it the number {known.number} again in {systems.finance}"
    if is_followed:
        step = f"{step}: its payments are known by that number alone"
    return Difference(Kind.NUMBER, Severity.CONTRADICTION, text, step)


def _differs(kind: Kind, ours: str, theirs: str, booking: Booking, systems: Systems) -> Difference:
    return Difference(
        kind,
        Severity.CONTRADICTION,
        f"{systems.source} says {ours}, {systems.finance} says {theirs}",
        f"Compare {booking.number} with {systems.source}, and put the wrong one right",
    )


def _draft(booking: Booking, known: Booking, systems: Systems) -> Difference:
    if known.is_draft:
        text, severity, step = (
            f"its draft has become {booking.number}",
            Severity.PASSING,
            "The next payment run notes it",
        )
    else:
        text, severity, step = (
            f"{known.number} is a draft in {systems.finance} again",
            Severity.CONTRADICTION,
            f"Approve it in {systems.finance}, or void it and credit it in {systems.source}",
        )
    return Difference(Kind.STATUS, severity, text, step)


def _is_rejected(sides: Sides) -> bool:
    return sides.row is not None and sides.row.state is DocumentState.REJECTED
