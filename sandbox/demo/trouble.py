"""Documents that cannot simply be moved: rejected, held, in doubt."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from sandbox.demo.author import line

if TYPE_CHECKING:
    from sandbox.demo.author import Author
    from sandbox.demo.customers import Register
    from sandbox.store import Row

OFFER, FORM, BOOKING, CARD, CREDIT = (
    "CustomerOfferInvoice",
    "CustomerFormInvoice",
    "BookingInvoice",
    "CreditCardPayment",
    "CreditNote",
)


def write_rejected(author: Author, register: Register) -> None:
    """Certainly wrong: only its author can mend it.

    They are the newest: a route that has booked nothing yet rejects nothing.
    """
    who = register.ordinary[16]
    room = [line("VAT25", "4000.00", "2.0")]
    total = room[0]["totalInclVat"] + Decimal("100.00")
    write = partial(author.write, outcome="rejected", on=author.day(1))
    write(OFFER, who, room, why="the totals do not add up", fields={"totalInclVat": total})
    write(BOOKING, None, room, why="neither customer nor booker")


def write_held(author: Author, register: Register) -> None:
    """Our side can mend it, or a human decides."""
    who = register.ordinary[18]
    room = [line("VAT25", "4000.00", "2.0")]
    author.write(OFFER, who, [*room, line("ROOM-DLX", "1800.00")], outcome="held", why="article ROOM-DLX is not mapped")
    unmapped = {**line("SPA-2H", "900.00"), "articleNumber": None, "artNo": "SPA-2H"}
    author.write(FORM, who, [unmapped, line("GIFT", "50.00")], outcome="held", why="two articles are not mapped")
    author.write(OFFER, who, room, outcome="held", why="Xero is not subscribed to GBP", currency="GBP")
    author.write(OFFER, register.special["archived"], room, outcome="held", why="the contact is archived in Xero")
    author.write(OFFER, who, [line("OLD", "700.00")], outcome="held", why="the mapped account 299 is archived")
    author.write(OFFER, who, room, outcome="held", why="dated in the locked period", on=date(2026, 8, 20))
    author.write(
        OFFER, who, room, outcome="held", why="kind cannot be told", fields={"type": 9, "typeText": "GiftVoucher"}
    )
    day = author.day(12)
    early = {"dueDate": (day - timedelta(days=4)).isoformat(), "paymentTermsDays": None}
    author.write(FORM, who, room, outcome="held", why="due before it was invoiced", on=day, fields=early)
    author.write(
        CARD,
        who,
        [line("ROOM-DLX", "950.00")],
        outcome="held",
        why="card payment with an article that is not mapped",
        terms=0,
    )
    author.write(
        CREDIT,
        who,
        [line("VAT25", "-1000.00")],
        outcome="held",
        why="the credited invoice is nowhere",
        fields={"creditedInvoiceId": 11_111, "creditedInvoiceNumber": "Q-09999"},
    )


def write_in_doubt(author: Author, register: Register) -> Row:
    """A number that somebody already used in Xero, with another contact."""
    return author.write(
        OFFER,
        register.ordinary[20],
        [line("VAT25", "5200.00")],
        currency="SEK",
        office=8,
        outcome="in doubt",
        why="its number belongs to another contact's invoice in Xero",
    )
