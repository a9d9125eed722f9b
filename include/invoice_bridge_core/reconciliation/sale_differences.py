"""Whether the source shows a document as finance has it: the sale's number, amount, due date and payment."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import DocumentKind, format_amount
from invoice_bridge_core.payments.what_counts import as_it_counts
from invoice_bridge_core.reconciliation.kinds import Difference, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.ports.booking_status import BookingStatus
    from invoice_bridge_core.ports.sales import Sale
    from invoice_bridge_core.reconciliation.sides import Sides, Systems

SAME, MISSING, TWICE, NOT_ASKED = "same", "missing", "twice", "not asked"


def sale(sides: Sides, systems: Systems) -> Iterator[Difference]:
    """A sale that is missing, there twice, or not as finance has the document."""
    if sides.sales is None or (word := sale_word(sides, systems)) in (SAME, NOT_ASKED, ""):
        return
    kind = {MISSING: Kind.SALE_MISSING, TWICE: Kind.SALE_TWICE}.get(word, Kind.SALE_DIFFERS)
    shown = "; ".join(_told(one) for one in sides.sales) or "no sale"
    text = f"{systems.source} shows {shown}, {systems.finance} has {_held(sides, systems)}"
    row = sides.sale_row
    if kind is Kind.SALE_TWICE:
        step = f"Delete all but one of the sales in {systems.source}"
        yield Difference(kind, Severity.CONTRADICTION, text, step)
    elif row is not None and row.reason is not None and row.has_news:
        yield Difference(
            kind, Severity.OPEN, f"{text}: {row.reason}", "Do what the sales run says, then clear its task"
        )
    elif row is None or row.has_news or _is_behind(sides, systems):
        yield Difference(kind, Severity.PASSING, text, f"The next sales run tells {systems.source}")
    else:
        done = "deleted" if kind is Kind.SALE_MISSING else "changed"
        step = f"Mend the sale in {systems.source}, where somebody has {done} it"
        yield Difference(kind, Severity.CONTRADICTION, text, step)


def sale_word(sides: Sides, systems: Systems) -> str:
    """The word for its sale: `same`, `missing`, `twice`, or `differs: number, amount`; empty where it has none."""
    if sides.sales is None:
        return ""
    status = _status(sides, systems)
    if status is None:
        return NOT_ASKED
    if len(sides.sales) > 1:
        return TWICE
    if not sides.sales:
        # What was gone before it was ever shown is not shown.
        is_never_shown = sides.sale_row is None or sides.sale_row.is_never_shown
        return SAME if status.is_gone and is_never_shown else MISSING
    differing = [name for name, (shown, wanted) in _pairs(sides, sides.sales[0], status).items() if shown != wanted]
    return f"differs: {', '.join(differing)}" if differing else SAME


def _pairs(sides: Sides, shown: Sale, status: BookingStatus) -> dict[str, tuple[object, object]]:
    sign = -1 if sides.kind is DocumentKind.CREDIT_NOTE else 1
    amount = Decimal(0) if status.is_gone else sign * status.booking.total
    paid_on = status.paid_in_full_on if status.is_paid_in_full and not status.is_gone else None
    return {
        "number": (shown.number, status.booking.number),
        "amount": ((shown.amount_incl_vat, shown.currency), (amount, status.booking.currency)),
        "due date": (shown.due_date, status.booking.due_date),
        "payment": (shown.paid_on if shown.is_paid else None, paid_on),
    }


def _is_behind(sides: Sides, systems: Systems) -> bool:
    """Whether finance has news that no sales poll has met yet."""
    row, status = sides.sale_row, _status(sides, systems)
    if row is None or status is None:
        return True
    known, booking = row.facts, status.booking
    is_paid = status.is_paid_in_full and not status.is_gone
    now = (booking.number, booking.total, booking.due_date, is_paid, status.is_gone)
    return now != (known.number, known.amount_incl_vat, known.due_date, known.is_paid, known.gone is not None)


def _status(sides: Sides, systems: Systems) -> BookingStatus | None:
    """How finance has it, paid or not as the route takes it."""
    status = sides.booking_status
    if status is None or sides.payment is None:
        return status
    return as_it_counts(replace(sides.payment, booking_status=status), systems.route).booking_status


def _told(shown: Sale) -> str:
    paid = f"paid on {shown.paid_on}" if shown.is_paid else "not paid"
    amount = f"{format_amount(shown.amount_incl_vat)} {shown.currency}"
    return f"{shown.number} over {amount}, due {shown.due_date or 'on no day'}, {paid}"


def _held(sides: Sides, systems: Systems) -> str:
    status = _status(sides, systems)
    if status is None:
        return "nothing that could be asked for"
    booking = status.booking
    paid = f"paid on {status.paid_in_full_on}" if status.is_paid_in_full else "not paid"
    if status.is_gone:
        paid = booking.status.lower()
    return f"{booking.number} over {format_amount(booking.total)} {booking.currency}, due {booking.due_date}, {paid}"
