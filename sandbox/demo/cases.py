"""Documents that look unusual and are right all the same: each must be transferred."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.demo.author import line, pass_through

if TYPE_CHECKING:
    from sandbox.demo.author import Author
    from sandbox.demo.customers import Register

OFFER, FORM, BOOKING, CARD = "CustomerOfferInvoice", "CustomerFormInvoice", "BookingInvoice", "CreditCardPayment"
_ROOM = "Conference room, full day"


def write_contacts(author: Author, register: Register) -> None:
    """Customers whose contact is hard to find or hard to write."""
    special = register.special
    reasons = {
        "twin_one": "one of two customers with one name and different tax numbers",
        "twin_two": "the other customer of that name",
        "sharing_one": "shares its tax number with another customer",
        "sharing_two": "shares its tax number with another customer",
        "spelled": "contact found by a tax number written differently",
        "several": "several contacts have the tax number: the first",
        "quoted": "name with a double quote, contact exists",
        "longest": "name of 250 characters",
        "sparse": "customer with hardly any data",
        "no_tax_number": "customer without a tax number",
        "newcomer": "new customer on many documents",
        "elsewhere": "invoice address is the one to use",
    }
    for key, why in reasons.items():
        author.write(OFFER, special[key], [line("VAT25", "4000.00", "2.0", _ROOM)], why=why)
    author.write(
        FORM, special["twin_two"], [line("VAT15", "310.00", "9.0", "Lunch buffet")], why="second document of a twin"
    )
    author.write(
        FORM,
        special["by_email"],
        [line("VAT12", "1290.00", "3.0")],
        currency="SEK",
        office=8,
        why="contact found by e-mail only",
    )
    for key in ("decorated", "accented"):
        author.write(
            FORM,
            special[key],
            [line("VAT6", "240.00", "12.0")],
            currency="EUR",
            office=8,
            why="name with &, +, quotes, accents",
        )
    for position in range(3):
        author.write(
            OFFER,
            special["newcomer"],
            [line("VAT25", "1500.00")],
            why="new customer on many documents",
            on=author.day(5 + position),
        )


def write_bookers(author: Author, register: Register) -> None:
    """Booker-based invoices and card payments."""
    known = {
        "firstName": "Ragnhild",
        "lastName": "Tveit",
        "email": "ragnhild.tveit@people.example",
        "phoneNumber": None,
    }
    author.write(BOOKING, known, [line("VAT12", "1450.00")], why="booker's e-mail exists in Xero in another case")
    author.write(
        BOOKING, register.booker(101), [line("VAT0", "800.00")], why="booker-based invoice", currency="EUR", office=8
    )
    author.write(CARD, register.booker(102), [line("VAT25", "599.20")], why="card payment of a booker", terms=0)
    author.write(
        CARD, register.special["sharing_one"], [line("VAT25", "2400.00")], why="card payment of a company", terms=None
    )


def write_credits(author: Author, register: Register) -> None:
    """Credit notes of every kind."""
    ordinary = register.ordinary
    first = author.write(
        OFFER, ordinary[0], [line("VAT25", "1000.00", "3.0"), line("VAT15", "45.50", "20.0")], why="will be credited"
    )
    author.credit(first, why="credit note with negative amounts")
    second = author.write(OFFER, ordinary[1], [line("VAT25", "333.33", "7.0")], why="will be credited")
    author.credit(second, positive=True, why="credit note with positive amounts")
    third = author.write(FORM, ordinary[4], [line("VAT12", "1200.00", "4.0")], why="will be credited in part")
    author.credit(third, share=Decimal("0.25"), why="partial credit note")
    fourth = author.write(FORM, ordinary[7], [line("VAT25", "780.00", "5.0")], why="will be credited in part")
    author.credit(fourth, positive=True, share=Decimal("0.4"), why="partial credit note with positive amounts")
    card = author.write(
        CARD, register.booker(103), [line("VAT25", "960.00")], why="card payment that is refunded", terms=0
    )
    author.credit(card, why="refund of a card payment")


def write_lines(author: Author, register: Register) -> None:
    """Lines that are awkward to compute."""
    who = register.ordinary[10]
    awkward = {
        "3 × 33.333": [line("VAT25", "33.333", "3.0")],
        "quantity 0.333": [line("VAT25", "1000.00", "0.333")],
        "unit prices with 4 decimals": [line("VAT15", "12.3456", "17.0"), line("VAT12", "0.0625", "1001.0")],
        "many lines that round": [
            line("VAT25", f"{number}.{number:02d}", "1.5", f"Item {number}") for number in range(1, 41)
        ],
        "pass-through lines": [
            line("VAT25", "500.00"),
            pass_through("1187.50", "Flight tickets"),
            pass_through("90.00", "Visa fee"),
        ],
        "deposit deducted": [line("VAT25", "9000.00"), line("DEPOSIT", "-2500.00", "1.0", "Deposit already paid")],
        "description of 4,000 characters": [line("VAT25", "75.00", "1.0", ("Programme, day by day. " * 200)[:4_000])],
        "article number as artNo": [{**line("VAT25", "410.00"), "articleNumber": None, "artNo": "VAT25"}],
    }
    for why, lines in awkward.items():
        author.write(OFFER, who, lines, why=why)


def write_heads(author: Author, register: Register) -> None:
    """Heads with missing or unusual fields, and dates around the ends of months."""
    norwegian, swedish = register.ordinary[12], register.ordinary[2]
    room = [line("VAT25", "4000.00", "1.0", _ROOM)]
    author.write(
        OFFER, norwegian, room, why="no due date, terms given", fields={"dueDate": None, "paymentTermsDays": 20}
    )
    author.write(OFFER, norwegian, room, why="no due date and no terms", terms=None)
    author.write(
        OFFER, norwegian, room, why="currency only as ISO number", fields={"currency": None, "currencyCode": 578}
    )
    letters = {"currency": None, "currencyCode": "SEK"}
    author.write(
        OFFER, swedish, room, why="currency only as letters in currencyCode", currency="SEK", office=8, fields=letters
    )
    field = {"id": 1, "heading": "Purchase order number", "externalReference": "PO", "value": "PO-7781 / Q&A"}
    author.write(
        OFFER, norwegian, room, why="purchase order in a custom field", fields={"customInvoiceFields": [field]}
    )
    for day in (date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 1)):
        author.write(FORM, norwegian, room, why=f"dated {day.isoformat()}, at the end or start of a month", on=day)
