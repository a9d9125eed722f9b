"""Documents of office 9 that Quiddly takes, each for another rule of its invoices (quiddly.md, "Create")."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from sandbox.demo.author import line, pass_through
from sandbox.demo.quiddly_customers import BOOKER

if TYPE_CHECKING:
    from sandbox.demo.author import Author
    from sandbox.store import Row

OFFER, FORM, BOOKING, CARD = "CustomerOfferInvoice", "CustomerFormInvoice", "BookingInvoice", "CreditCardPayment"
_FOUR_RATES = (("VAT25", "4000.00"), ("VAT12", "1290.00"), ("VAT6", "240.00"), ("VAT0", "800.00"))


def custom_fields(**values: str) -> Row:
    """Custom fields by heading; underscores stand for blanks."""
    return {
        "customInvoiceFields": [
            {"id": number, "heading": heading.replace("_", " "), "externalReference": None, "value": value}
            for number, (heading, value) in enumerate(values.items(), start=1)
        ]
    }


def write_rows(author: Author, who: dict[str, Row]) -> None:
    """Rows, VAT and sums."""
    write = partial(author.write, OFFER, who["ordinary"], currency="SEK", office=9)
    room = line("VAT25", "4000.00", "2.0", "Conference room, full day")
    write([room], why="one row at 25%")
    write([line(article, price) for article, price in _FOUR_RATES], why="all four rates on one invoice")
    write([line("VAT0", "950.00", "3.0")], why="no VAT at all, declared all the same")
    write([room, pass_through("1187.50", "Flight tickets")], why="a row without VAT split, free by the totals")
    write([line("VAT25", "33.333", "3.0")], why="3 × 33.333")
    write([line("VAT12", "1000.00", "0.333")], why="quantity with three decimals")
    write([line("VAT25", "9000.00"), line("VAT25", "-2500.00", "1.0", "Deposit")], why="deposit deducted")
    reduced = {**room, "totalExclVat": Decimal("7200.00"), "vatAmount": Decimal("1800.00")}
    write([{**reduced, "totalInclVat": Decimal("9000.00")}], why="less than quantity × price: a discount")
    silent = {**line("VAT6", "240.00", "12.0"), "vatPercentage": None}
    write([silent], why="rate not stated, but told by the amounts")
    third = {**line("VAT25", "33.3333"), "totalExclVat": Decimal("33.3333"), "vatAmount": Decimal("8.3333")}
    thirds = [{**third, "totalInclVat": Decimal("41.6666")}] * 3
    sums = {"totalExclVat": Decimal("100.00"), "vatAmount": Decimal("25.00"), "totalInclVat": Decimal("125.00")}
    write(thirds, why="unrounded rows: the cents go into the round-off", fields=sums)
    gross = {**line("VAT25", "79.20", "3.0"), "unitPriceExclVat": None}
    write([gross], why="prices with VAT only")


def write_heads(author: Author, who: dict[str, Row]) -> None:
    """Debtors, currencies, dates and references."""
    room = [line("VAT25", "4000.00")]
    write = partial(author.write, OFFER, lines=room, currency="SEK", office=9)
    write(who["second"], why="organisation number only")
    write(who["elsewhere"], why="invoice address is the one to use")
    write(who["two_lines"], why="address of two lines")
    write(who["numberless"], why="no customer number: known by its key")
    write(who["norwegian"], why="foreign currency with a rate", currency="NOK")
    write(who["german"], why="foreign currency with a rate", currency="EUR")
    write(who["ordinary"], why="no due date, terms given", fields={"dueDate": None, "paymentTermsDays": 15})
    write(who["ordinary"], why="no due date and no terms", terms=None)
    write(
        who["ordinary"], why="purchase order becomes the debtor's reference", fields=custom_fields(PO_number="PO-7781")
    )
    e_invoice = custom_fields(Invoice_by="Electronic invoice", GLN="7365566778899", Contact="Karin Ek")
    write(who["ordinary"], why="electronic invoice with GLN", fields=e_invoice)
    write(who["without_email"], why="by letter, so no e-mail is needed", fields=custom_fields(Invoice_by="letter"))
    delivery = {"Delivery_address": "Kajen 3", "Delivery_zip": "261 31", "Delivery_city": "Landskrona"}
    delivered = custom_fields(**delivery, Delivery_country="SE", Delivery_date="2026-11-01")
    write(who["ordinary"], why="delivered elsewhere, on another day", fields=delivered)
    write(who["ordinary"], why="part of it is paid by the state", fields=custom_fields(ROT="1 500,00"))


def write_money(author: Author, who: dict[str, Row]) -> None:
    """Bookers, card money and credits."""
    author.write(BOOKING, BOOKER, [line("VAT12", "1450.00")], currency="SEK", office=9, why="booker without an address")
    card = author.write(
        CARD, BOOKER, [line("VAT25", "960.00")], currency="SEK", office=9, terms=0, why="card payment of a booker"
    )
    author.credit(card, why="refund of a card payment")
    author.write(
        CARD, who["second"], [line("VAT25", "2400.00")], currency="SEK", office=9, terms=None,
        why="card payment of a company",
    )  # fmt: skip
    first = author.write(
        OFFER, who["ordinary"], [line("VAT25", "1000.00", "3.0"), line("VAT6", "45.50", "20.0")], currency="SEK",
        office=9, why="will be credited",
    )  # fmt: skip
    author.credit(first, why="credit note with negative amounts")
    second = author.write(
        FORM, who["norwegian"], [line("VAT12", "1200.00", "4.0")], currency="NOK", office=9, why="credited in part"
    )
    author.credit(second, positive=True, share=Decimal("0.25"), why="partial credit note with positive amounts")
