"""Both sides of one document beside each other: what was to be sent, and what finance holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.money import format_number

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal

    from invoice_bridge_core.documents import Document, Line
    from invoice_bridge_core.ledger import DocumentRow
    from invoice_bridge_core.ledger.payments.payment_rows import PaymentStatusRow
    from invoice_bridge_core.ports.booking_status import BookingLine, BookingStatus


@dataclass(frozen=True)
class Side:
    """One field on both sides; `None` where that side says nothing of it."""

    field: str
    sent: str | None
    held: str | None
    is_compared: bool = True

    @property
    def differs(self) -> bool:
        """Whether both say something, and not the same."""
        return self.is_compared and None not in (self.sent, self.held) and self.sent != self.held

    def as_json(self) -> dict[str, Any]:
        """For the page."""
        return {"field": self.field, "sent": self.sent, "held": self.held, "differs": self.differs}


@dataclass(frozen=True)
class Sent:
    """What was to be sent, as far as it is known."""

    contact: str | None = None
    number: str | None = None
    currency: str | None = None
    total: Decimal | None = None
    date: dt.date | None = None
    due_date: dt.date | None = None
    reference: str | None = None
    mark: str | None = None
    state: str | None = None


@dataclass(frozen=True)
class Held:
    """What finance holds; without a status, nothing is known to be there.

    :param contact: its name where that is known, else its id.
    :param is_same_contact: whether it is the one that was booked on, whatever it is called.
    """

    status: BookingStatus | None = None
    contact: str | None = None
    is_same_contact: bool = True


def sides_of(sent: Sent, held: Held) -> list[Side]:
    """The fields that matter, in the order in which people compare."""
    booking = held.status.booking if held.status is not None else None
    status = None
    if held.status is not None and booking is not None:
        status = "voided or deleted" if held.status.is_gone else booking.status.lower() or None
    sides = [
        Side("Contact", sent.contact, held.contact, is_compared=not held.is_same_contact),
        Side(
            "Number", sent.number, booking.number if booking else None, is_compared=not (booking and booking.is_draft)
        ),
        Side("Currency", sent.currency, booking.currency if booking else None),
        Side("Total", _amount(sent.total), _amount(booking.total) if booking else None),
        Side("Date", _day(sent.date), _day(held.status.dated) if held.status else None),
        Side("Due date", _day(sent.due_date), _day(booking.due_date) if booking else None),
        Side("Reference", sent.reference, None, is_compared=False),
        Side("Mark", sent.mark, booking.marker if booking else None),
        Side("Status", sent.state, status, is_compared=False),
    ]
    return [side for side in sides if side.sent is not None or side.held is not None]


def known_sides(row: DocumentRow, payment: PaymentStatusRow | None, contact: str | None) -> list[Side]:
    """The sides by what the ledger knows, finance as it was asked last.

    :param contact: the name of the booking's contact, where the ledger knows it.
    """
    status = payment.booking_status if payment is not None else None
    if status is None and row.booking is not None:
        from invoice_bridge_core.ports.booking_status import BookingStatus

        status = BookingStatus(booking=row.booking)
    facts = row.facts
    sent = Sent(
        contact=facts.contact_name,
        number=row.intent_number or facts.number,
        currency=facts.currency,
        total=facts.total,
        date=facts.document_date,
        state=row.state,
    )
    booking = status.booking if status is not None else None
    return sides_of(sent, Held(status, (contact or booking.contact_id) if booking is not None else None))


def lines_of(document: Document) -> list[dict[str, Any]]:
    """The document's lines, as its source tells them now."""
    return [_line(line) for line in document.lines]


def _line(line: Line) -> dict[str, Any]:
    return {
        "description": line.description,
        "article": line.article_number,
        "quantity": _number(line.quantity),
        "price": _amount(line.unit_price_excl_vat),
        "vat": _amount(line.vat_percentage),
        "total": _amount(line.total_incl_vat),
    }


def held_lines_of(status: BookingStatus) -> list[dict[str, Any]]:
    """The booking's lines, as finance tells them; none where it does not."""
    return [_held_line(line) for line in status.lines or ()]


def _held_line(line: BookingLine) -> dict[str, Any]:
    return {
        "description": line.description,
        "item": line.item,
        "account": line.account,
        "quantity": _number(line.quantity),
        "price": _amount(line.price),
        "total": _amount(line.total),
    }


def _number(value: Decimal | None) -> str | None:
    return None if value is None else format_number(value)


def _amount(value: Decimal | None) -> str | None:
    return None if value is None else format_amount(value)


def _day(value: dt.date | None) -> str | None:
    return None if value is None else value.isoformat()
