"""Ordinary documents: what a busy agency invoices in two months, different in every detail and right in all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.demo.author import KINDS, line, pass_through

if TYPE_CHECKING:
    from sandbox.demo.author import Author
    from sandbox.demo.customers import Register
    from sandbox.scene import Scene
    from sandbox.store import Row

_SERVICES = {
    "VAT25": ("Conference room, full day", "Stage & light", "Project management", "Rigging"),
    "VAT15": ("Lunch buffet", "Coffee and fruit", "Three-course dinner"),
    "VAT12": ("Single room with breakfast", "Double room", "Transfer by coach"),
    "VAT6": ("Museum tickets", "Concert tickets"),
    "VAT0": ("Speaker's fee", "Translation outside the VAT area"),
}
_UNIT_PRICES = ("4000.00", "1249.50", "89.90", "333.3333", "17.125", "950.00", "12345.67", "0.99", "66.6667", "199.20")
_QUANTITIES = ("1.0", "2.0", "3.0", "12.0", "0.5", "47.0", "2.25")
# Qondor leaves these out now and then.
_MAY_BE_NULL = (
    "projectName",
    "officeName",
    "statusText",
    "customInvoiceFields",
    "projectNo",
    "formOfPaymentText",
    "typeText",
    "type",
)


def write_ordinary(author: Author, scene: Scene, register: Register, office: int, position: int) -> Row:
    """The ordinary document at a position: an invoice, a card payment, or a credit note of a document just before."""
    kind = KINDS[(0, 1, 2, 0, 3, 1, 0, 2, 0, 4)[position % 10]]
    if kind == "CreditNote":
        credited = scene.rows("qondor", "payments")[-1]
        return author.credit(credited, positive=position % 20 == 9, why="credits the document before it")
    who, currency = _who(register, kind, position)
    forms = _lacking(position) if position % 10 != 8 else {}
    return author.write(
        kind,
        who,
        _lines(scene, position),
        currency=currency,
        office=office,
        terms=(14, 30, 10, 45)[position % 4],
        why=f"ordinary {kind}",
        fields=forms,
    )


def write_plain(author: Author, scene: Scene, register: Register, position: int) -> Row:
    """A simple customer invoice, for large numbers."""
    who, currency = _who(register, KINDS[0], position)
    lines = [line("VAT25", _UNIT_PRICES[position % 10], _QUANTITIES[position % 7], "Conference room, full day")]
    return author.write(KINDS[0], who, lines, currency=currency, office=7 + position % 2, why="plain invoice")


def _who(register: Register, kind: str, position: int) -> tuple[Row, str]:
    if kind == "BookingInvoice" or (kind == "CreditCardPayment" and position % 4 == 0):
        return register.booker(position % 97), ("NOK", "SEK", "EUR")[position % 3]
    if position % 9 == 3:
        return register.special["newcomer"], "NOK"
    customer = register.ordinary[position % len(register.ordinary)]
    return customer, register.currency(customer)


def _lines(scene: Scene, position: int) -> list[Row]:
    articles = list(_SERVICES)
    lines = []
    for number in range(1 + position % 4):
        article = articles[(position + number) % len(articles)]
        description = scene.random.choice(_SERVICES[article])
        lines.append(line(article, scene.random.choice(_UNIT_PRICES), scene.random.choice(_QUANTITIES), description))
    if position % 3 == 1:
        lines = [{**each, "unitPriceInclVat": None} for each in lines]
    if position % 11 == 5:
        lines.append(pass_through("1250.00", "Taxi vouchers, passed on"))
    return lines


def _lacking(position: int) -> Row:
    """One field that is missing from this document."""
    turn = position % (2 * len(_MAY_BE_NULL))
    return {_MAY_BE_NULL[turn]: None} if turn < len(_MAY_BE_NULL) else {}
