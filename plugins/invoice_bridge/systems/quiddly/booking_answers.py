"""Quiddly's answers as bookings."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge.systems.marks import booking_number, marker_in, printed_mark
from invoice_bridge.systems.quiddly.debtor import customer_number
from invoice_bridge.systems.quiddly.invoice_body import tax_reduction
from invoice_bridge.systems.quiddly.settings import QuiddlySettings, is_paid_by_card
from invoice_bridge_core.documents import round_half_up
from invoice_bridge_core.errors import GarbledAnswerError, HeldError
from invoice_bridge_core.ports import Booking
from invoice_bridge_core.ports.booking_status import BookingLine, BookingStatus
from invoice_bridge_core.routes.due_date import due_date

if TYPE_CHECKING:
    from invoice_bridge.hooks.quiddly.wire import QuiddlyInvoice
    from invoice_bridge_core.documents import Document
    from invoice_bridge_core.routes.model import Route

CREATED, ACTIVATED = "CREATED", "ACTIVATED"
# Which words Quiddly has is not published; these would not be said of an invoice that has gone out.
_BEFORE_ACTIVATION = frozenset({"", CREATED, "DRAFT", "NEW"})


def is_activated(status: str | None) -> bool:
    """Whether the status proves that an invoice has gone out; a word that nobody knows proves nothing."""
    return status == ACTIVATED


def awaits_activation(status: str | None) -> bool:
    """Whether the status says that an invoice has not gone out."""
    return (status or "") in _BEFORE_ACTIVATION


def booking_found(found: QuiddlyInvoice, route: Route) -> Booking:
    """What Quiddly has, ours or not, as the core knows it.

    :raises GarbledAnswerError: the answer lacks what tells one invoice from another.
    """
    if found.number is None or found.currency is None or found.total is None or found.customer_number is None:
        raise GarbledAnswerError(
            f"Quiddly answered {found.number or found.invoice_id} without its number, currency, totals or debtor"
        )
    return Booking(
        finance_id=found.invoice_id,
        number=found.number,
        status=found.status or CREATED,
        contact_id=found.customer_number,
        customer_code=found.customer_number,
        currency=found.currency,
        total=abs(found.total),
        tax_reduction=abs(found.tax_reduction or Decimal(0)),
        marker=marker_in(found.our_order_number),
        due_date=found.due_date,
        is_draft=_stays_draft(found.status, route),
    )


def status_found(found: QuiddlyInvoice, route: Route) -> BookingStatus:
    """How it stands there, as far as an invoice says it: nothing of what is paid.

    :raises GarbledAnswerError: as of `booking_found`.
    """
    return BookingStatus(
        booking=booking_found(found, route),
        dated=found.invoice_date,
        contact_name=found.customer_name,
        lines=None
        if found.rows is None
        else tuple(
            BookingLine(
                description=row.description,
                quantity=row.quantity,
                price=None if row.price is None else abs(row.price),
                total=None if row.total is None else abs(row.total),
            )
            for row in found.rows
        ),
    )


def customer_and_currency(document: Document) -> tuple[str, str]:
    """The customer number and the currency that a document is sent with.

    :raises HeldError: it has none, which `problems` names.
    """
    if document.party is None or document.currency is None:
        raise HeldError(f"{document.number} cannot be sent to Quiddly: its customer or its currency is missing")
    return customer_number(document.party), document.currency


def booking_made(made: QuiddlyInvoice, document: Document, route: Route, *, customer: str, currency: str) -> Booking:
    """The invoice that was just created: Quiddly's id and state, and what was sent.

    :param customer: the customer number that was sent; likewise `currency`.
    """
    return Booking(
        finance_id=made.invoice_id,
        number=made.number or booking_number(document.number, route),
        status=made.status or CREATED,
        contact_id=customer,
        customer_code=customer,
        currency=currency,
        total=document.total_incl_vat if made.total is None else abs(made.total),
        tax_reduction=_reduction_sent(document, route) if made.total is None else abs(made.tax_reduction or Decimal(0)),
        marker=printed_mark(document, route),
        due_date=made.due_date or due_date(document, route),
        is_draft=_stays_draft(made.status, route),
    )


def completed(booking: Booking, document: Document, route: Route) -> Booking:
    """A booking that a person named and nobody could read here, with what was sent of it."""
    if booking.contact_id or document.party is None:
        return booking
    number = customer_number(document.party)
    known = {
        "contact_id": number,
        "customer_code": number,
        "tax_reduction": _reduction_sent(document, route),
        "due_date": due_date(document, route),
        "is_draft": _stays_draft(booking.status, route),
    }
    return booking.model_copy(update=known)


def with_status(booking: Booking, status: str | None) -> Booking:
    """The booking after its activation, in the state that it has come to since."""
    return booking.model_copy(
        update={"status": ACTIVATED if status is None or awaits_activation(status) else status, "is_draft": False}
    )


def warned(booking: Booking, document: Document) -> Booking:
    """The booking with what Quiddly cannot be told of the document, said once however often this is repeated."""
    if not is_paid_by_card(document):
        return booking
    what = "Card refund" if document.is_credit_note else "Card payment"
    warning = (
        f"{what} of {document.number} cannot be booked, because Quiddly has no call for it. Enter it in Quiddly by hand"
    )
    return booking.model_copy(update={"warnings": tuple(dict.fromkeys((*booking.warnings, warning)))})


def _reduction_sent(document: Document, route: Route) -> Decimal:
    return round_half_up(tax_reduction(document, route.finance_as(QuiddlySettings)) or Decimal(0))


def _stays_draft(status: str | None, route: Route) -> bool:
    return not is_activated(status) and not route.finance_as(QuiddlySettings).activate
