"""Random documents of one source: good ones, and each with one or two of the troubles that documents have."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.systems.ixpole import instalments as ixpole
from tests.world import card_payment, credit_note, customer, line, payment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

Row = dict[str, Any]

CODES = {"NOK": 578, "SEK": 752, "EUR": 978, "JPY": 392}
NO_VAT = {"vatPercentage": 0, "vatAmount": 0, "totalInclVat": 8000, "unitPriceInclVat": 8000}


def qondor_paper(random: Random, number: int, earlier: Sequence[Row], currency: str, *, is_flood: bool = False) -> Row:
    """A payment, card payment, credit note or refund of Qondor's.

    :param number: counts the documents of the world.
    :param earlier: what credit notes may credit.
    :param is_flood: whether many of the world's documents are wrong for good.
    """
    more: Row = {"currency": currency, "currencyCode": CODES[currency], "customer": _customer(random)}
    more["invoiceDate"] = f"2026-11-{random.randint(1, 20):02}"
    # Most good ones, so that credit notes find their invoices booked.
    kind = random.choices(("invoice", "card", "credit"), (6, 2, 4))[0]
    credited = [row for row in earlier if not row["isCreditNote"]]
    if kind == "credit" and credited:
        row = _credit(random, number, random.choice(credited), more)
    else:
        row = (card_payment if kind == "card" else payment)(number, **more)
    if random.random() < 0.08 and earlier:
        row["invoiceNumber"] = random.choice(earlier)["invoiceNumber"]
    if is_flood and random.random() < 0.6:
        nobody(random, row)
        return row
    for trouble in _troubles(random, QONDOR_TROUBLES):
        trouble(random, row)
    return row


def _credit(random: Random, number: int, credited: Row, more: Row) -> Row:
    if random.random() < 0.2:
        credited = payment(900 + number, **more)
    row = credit_note(number, credited, **{**more, "customer": credited["customer"]})
    row |= {"currency": credited["currency"], "currencyCode": credited["currencyCode"]}
    how = random.random()
    if how < 0.2:
        row["creditedInvoiceId"] = None
    elif how < 0.3:
        row["creditedInvoiceId"] = row["creditedInvoiceNumber"] = None
    return row


def _customer(random: Random) -> Row:
    who = customer(random.randint(901, 905))
    change = random.random()
    if change < 0.12:
        who["customerNumber"] = "C-1"
    elif change < 0.18:
        who["name"] = who["legalName"] = "Nordlys"
    elif change < 0.23:
        who["vatNumber"] = who["organisationNumber"] = None
    elif change < 0.28:
        who["invoiceEmail"] = "shared@nordlys.example"
    elif change < 0.34:
        who["phoneNumber"] = f"+479999{random.randint(1000, 1003)}"
    elif change < 0.37:
        who["name"] = who["legalName"] = "  "
    elif change < 0.40:
        who["zipCode"] = None
    elif change < 0.43:
        who["organisationNumber"], who["vatNumber"] = "987650901", "NO987650901MVA"
    return who


def _troubles(random: Random, known: Mapping[Any, int]) -> list[Any]:
    """None, one or two of them, by their weights; what cannot be read any more comes last."""
    chosen = random.choices(list(known), list(known.values()), k=random.choices((0, 1, 2), (12, 6, 1))[0])
    return sorted(dict.fromkeys(chosen), key=lambda trouble: trouble in (unreadable, ix_unreadable))


def unmapped(random: Random, row: Row) -> None:
    row["lines"] = [{**one, "articleNumber": random.choice(("UNHEARD-OF", None, "vat25"))} for one in row["lines"]]


def sums_off(random: Random, row: Row) -> None:
    row["totalInclVat"] += random.choice((Decimal("0.01"), Decimal("-0.4"), Decimal("0.7"), 500))


def nobody(random: Random, row: Row) -> None:
    row["customer"] = None


def booker(random: Random, row: Row) -> None:
    row["customer"] = None
    emails = ("kari@people.example", "kari@people.example", "ola@people.example", "not an address", None)
    row["booker"] = {
        "id": 5, "firstName": "Kari", "lastName": "Nordmann", "email": random.choice(emails), "phoneNumber": None,
    }  # fmt: skip


def overdue(random: Random, row: Row) -> None:
    row["dueDate"] = "2026-10-02"


def locked(random: Random, row: Row) -> None:
    row["invoiceDate"], row["dueDate"] = "2026-08-15", "2026-12-24"


def strange_currency(random: Random, row: Row) -> None:
    row["currency"], row["currencyCode"] = random.choice([("JPY", 392), ("EUR", 978), (None, None)])


def with_text(random: Random, row: Row) -> None:
    text = line(quantity=0, articleNumber=None, description="Day 2: dinner", vatPercentage=None)
    text |= dict.fromkeys(("unitPriceExclVat", "unitPriceInclVat", "totalExclVat", "vatAmount", "totalInclVat"), 0)
    row["lines"] = [text, *row["lines"]] if random.random() < 0.7 else [text]


def of_nothing(random: Random, row: Row) -> None:
    sums = ("totalExclVat", "vatAmount", "totalInclVat")
    row["lines"] = [
        {**one, **dict.fromkeys((*sums, "unitPriceExclVat", "unitPriceInclVat"), 0)} for one in row["lines"]
    ]
    row |= dict.fromkeys(sums, 0)


def unreadable(random: Random, row: Row) -> None:
    row[random.choice(("totalInclVat", "invoiceDate", "lines"))] = random.choice(("ten thousand", [7], {"a": 1}))


def other_vat(random: Random, row: Row) -> None:
    if not row["isCreditNote"]:
        row["lines"] = [line("VAT0", **NO_VAT)]
        row |= {"vatAmount": 0, "totalInclVat": 8000}


def odd_rate(random: Random, row: Row) -> None:
    row["lines"] = [{**one, "vatPercentage": 24} for one in row["lines"]]


def negative(random: Random, row: Row) -> None:
    if not row["isCreditNote"]:
        row["lines"] = [line(quantity=-1, sign=-1)]
        row |= {"totalExclVat": -8000, "vatAmount": -2000, "totalInclVat": -10000}


def referenced(random: Random, row: Row) -> None:
    row["customInvoiceFields"] = [{"heading": "Your PO number", "externalReference": "po", "value": "PO-7781"}]


def elsewhere(random: Random, row: Row) -> None:
    row["officeId"] = 4711


QONDOR_TROUBLES = {
    unmapped: 4, sums_off: 4, nobody: 4, negative: 4, booker: 3, with_text: 2, of_nothing: 2, other_vat: 2,
    referenced: 2, overdue: 1, locked: 1, strange_currency: 1, unreadable: 1, odd_rate: 1, elsewhere: 1,
}  # fmt: skip
"""With how often each of them happens."""


def ixpole_paper(random: Random, number: int) -> Row:
    """An instalment, or one that credits."""
    make = ixpole.credit if random.random() < 0.2 else ixpole.instalment
    row = make(number, CustomerId=random.choices((311, 312, 313, 314, 315, 316), (6, 6, 6, 6, 1, 1))[0])
    row["InvoiceDate"] = f"2026-11-{random.randint(1, 20):02}"
    for trouble in _troubles(random, IXPOLE_TROUBLES):
        trouble(random, row)
    return row


def ixpole_customers() -> list[Row]:
    """Ordinary ones, and those that are alike, lack something or have another's code."""
    return [
        ixpole.customer(311, CustomerCode="A-1"),
        ixpole.customer(312),
        ixpole.customer(313, CustomerCode="A-1"),
        ixpole.customer(314, Name="Brouwerij De Kroon 311 NV", VatNumber=None),
        ixpole.customer(315, Address=None, Zip=None),
    ]


def ix_unmapped(random: Random, row: Row) -> None:
    row["Lines"] = [{**one, "ProductId": 99, "ProductCode": "UNHEARD-OF"} for one in row["Lines"]]


def ix_sums_off(random: Random, row: Row) -> None:
    row["AmountInclVat"] += random.choice((Decimal("0.01"), Decimal("-0.4"), 500))


def ix_overdue(random: Random, row: Row) -> None:
    row["DueDate"] = "2026-10-02"


def ix_locked(random: Random, row: Row) -> None:
    row["InvoiceDate"] = "2026-08-15"


def ix_currency(random: Random, row: Row) -> None:
    row["Currency"] = random.choice(("JPY", "SEK", "", None))


def ix_nothing(random: Random, row: Row) -> None:
    sums = dict.fromkeys(("AmountExclVat", "VatAmount", "AmountInclVat"), Decimal(0))
    row |= {"Lines": [{**one, **sums, "UnitPrice": Decimal(0)} for one in row["Lines"]], **sums}


def ix_unreadable(random: Random, row: Row) -> None:
    row[random.choice(("AmountInclVat", "InvoiceDate", "Lines"))] = random.choice(("ten", [7], None))


def ix_rate(random: Random, row: Row) -> None:
    row["Lines"] = [{**one, "VatRate": Decimal(15)} for one in row["Lines"]]


def ix_text(random: Random, row: Row) -> None:
    sums = dict.fromkeys(("AmountExclVat", "VatAmount", "AmountInclVat", "UnitPrice", "VatRate"), Decimal(0))
    text = {**ixpole.line(), **sums, "Quantity": 0, "ProductId": None, "ProductCode": None, "Description": "Day 2"}
    row["Lines"] = [text, *row["Lines"]]


IXPOLE_TROUBLES = {
    ix_unmapped: 1, ix_sums_off: 2, ix_overdue: 1, ix_locked: 1, ix_currency: 1, ix_nothing: 2, ix_unreadable: 1,
    ix_rate: 1, ix_text: 2,
}  # fmt: skip
