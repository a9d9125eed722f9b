"""Documents as a source would write them if nobody ever mangled anything; some are wrong in themselves, and say how."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from tests.first_week.customers import bookers_of, companies_of

if TYPE_CHECKING:
    from random import Random

    from tests.first_week.customers import Customer

CURRENCIES = {
    **{"NOK": 578, "SEK": 752, "DKK": 208, "EUR": 978, "GBP": 826, "PLN": 985, "USD": 840},
    **{"JPY": 392, "ISK": 352, "HUF": 348, "KWD": 414},
}
"""Of two decimals, of none and of three."""
_WEIGHTS = (30, 14, 8, 16, 6, 6, 6, 4, 4, 3, 3)
_WHOLE, _THREE = ("JPY", "ISK", "HUF"), ("KWD",)
RATES = {"VAT25": 25, "VAT15": 15, "VAT12": 12, "VAT6": 6, "VAT0": 0}
ACCOUNTS = {25: "200", 15: "205", 12: "206", 6: "207", 0: "260"}
_HUNDRED = Decimal(100)
_TEXTS = (
    *(
        "Møterom & mat, hel dag",
        "Dagpakke <3 kaffe",
        "Dinner: fish < meat",
        "Overnatting «Ås»",
        "R&D workshop (2 × 4 h)",
    ),
    *(
        "Übernachtung, Größe L",
        "Salle n° 7 – l'après-midi",
        "Sala Łódź",
        "Line one\nline two",
        "AT&T; lobby",
        "50 % off",
    ),
)
_SAYINGS = ("Day 2: dinner", "Program\n09:00 kaffe\n10:00 møte", "Thank you & welcome back")
_KINDS = (("CustomerOfferInvoice", 1), ("CustomerFormInvoice", 2), ("BookingInvoice", 3), ("CreditCardPayment", 4))
FAULTS = ("article", "no customer", "sums", "small gap", "negative", "overdue")
"""What may be wrong with a clean document: an article without account, and so on."""


@dataclass
class Paper:
    """One document.

    :param source_id: by which it is asked for.
    :param number: the source's own.
    :param total: as the source states it, below 0 for what is given back.
    :param customer: whose contact it goes to; `None`: nobody's.
    :param names: what a held or rejected one has to name; empty where nothing is wrong.
    :param register: the customer as iXpole lists it.
    :param credits: what a credit note names as the invoice that it credits.
    """

    source_id: str
    number: str
    row: dict[str, Any]
    total: Decimal
    customer: Customer | None
    names: tuple[str, ...] = ()
    register: dict[str, Any] = field(default_factory=dict)
    credits: Paper | None = None


def qondor_papers(
    rng: Random, count: int, *, office: int, rates: tuple[int, ...]
) -> tuple[list[Paper], list[Customer]]:
    """Payments of a few customers and bookers, several of each; credit notes come after what they credit."""
    companies, bookers = companies_of(rng, max(count // 7, 5)), bookers_of(rng, max(count // 20, 2))
    papers: list[Paper] = []
    for number in range(1, count + 1):
        credited = rng.choice(papers) if papers and rng.random() < 0.2 else None
        if credited is not None and not credited.names and credited.total > 0:
            papers.append(_credit_note(rng, number, credited))
            continue
        kind = rng.choices(_KINDS, (4, 3, 2, 3))[0]
        customer = rng.choice(bookers if kind[1] == 3 and rng.random() < 0.8 else companies)
        papers.append(_payment(rng, number, kind, customer, office, rates))
    return papers, [*companies, *bookers]


def ixpole_papers(rng: Random, count: int, *, rates: tuple[int, ...]) -> tuple[list[Paper], list[Customer]]:
    """Instalments of a few customers, several of each."""
    companies = [one for one in companies_of(rng, max(count // 6, 5))]
    return [_instalment(rng, number, rng.choice(companies), rates) for number in range(1, count + 1)], companies


def products(rates: tuple[int, ...]) -> list[dict[str, Any]]:
    """iXpole's register: a product for each rate, with the account that its money goes to."""
    return [
        {
            "ProductId": 10 + rate,
            "ProductCode": f"SEAT-{rate}",
            "Name": f"Seat & dinner {rate}",
            "Description": f"Seat in the stand «{rate}», with dinner",
            "VatRate": Decimal(rate),
            "UnitPrice": Decimal("150.00"),
            "LedgerAccount": ACCOUNTS[rate],
        }
        for rate in rates
    ]


def _payment(
    rng: Random, number: int, kind: tuple[str, int], customer: Customer, office: int, rates: tuple[int, ...]
) -> Paper:
    currency = rng.choices(tuple(CURRENCIES), _WEIGHTS)[0]
    lines = [_priced(rng, f"VAT{rng.choice(rates)}", currency) for _ in range(rng.randint(1, 4))]
    fault = rng.choice(FAULTS) if rng.random() < 0.1 else None
    is_card = kind[1] == 4
    if fault == "article":
        lines[0]["articleNumber"] = "UNHEARD-OF"
    if rng.random() < 0.3:
        lines.insert(rng.randint(0, len(lines)), {"description": rng.choice(_SAYINGS), "quantity": 0})
    excl, vat, total = _sums(lines)
    total, vat, names = _with_fault(rng, fault, lines, (excl, vat, total), currency)
    invoiced = dt.date(2026, 9, 1) + dt.timedelta(rng.randint(0, 80))
    due = invoiced + dt.timedelta(rng.randint(0, 60))
    if fault == "overdue":
        due, names = invoiced - dt.timedelta(3), (str(invoiced - dt.timedelta(3)), str(invoiced))
        names = () if is_card else names
    row: dict[str, Any] = {
        "id": 50_000 + number,
        "invoiceNumber": f"T-{number}",
        "type": kind[1],
        "typeText": kind[0],
        "formOfPayment": 2 if is_card else 1,
        "formOfPaymentText": "CreditCard" if is_card else "Invoice",
        "isCreditNote": False,
        "creditedInvoiceId": None,
        "creditedInvoiceNumber": None,
        "status": 1,
        "statusText": "Unprocessed",
        "invoiceDate": invoiced.isoformat(),
        "dueDate": due.isoformat() if rng.random() < 0.8 or fault == "overdue" else None,
        "paymentTermsDays": rng.choice((10, 14, 30, None)),
        "currency": currency,
        "currencyCode": CURRENCIES[currency],
        "officeId": office,
        "officeName": "Oslo & omegn",
        "projectId": 5_500 + number % 7,
        "projectNo": f"P-{5_500 + number % 7}",
        "projectName": "Nordic Sales «Kick-off»",
        "customer": None if customer.first_name or fault == "no customer" else customer.in_qondor(),
        "booker": customer.as_booker() if customer.first_name and fault != "no customer" else None,
        "customInvoiceFields": [{"heading": "PO number", "externalReference": "po", "value": f"PO 77/{number} & co"}],
        "lines": lines,
        "totalExclVat": excl,
        "vatAmount": vat,
        "totalInclVat": total,
        "externalReference": None,
        "failureMessage": None,
        "paidDate": None,
    }
    names = (str(row["invoiceNumber"]),) if fault == "no customer" else names
    return Paper(str(row["id"]), f"T-{number}", row, total, None if fault == "no customer" else customer, names)


def _with_fault(
    rng: Random, fault: str | None, lines: list[dict[str, Any]], sums: tuple[Decimal, Decimal, Decimal], currency: str
) -> tuple[Decimal, Decimal, tuple[str, ...]]:
    """Total, VAT, and what has to be named."""
    _, vat, total = sums
    if fault == "article":
        return total, vat, ("UNHEARD-OF",)
    if fault == "sums":
        return total + 100, vat, (_shown(total + 100), currency)
    if fault == "small gap":
        gap = rng.choice((Decimal("0.01"), Decimal("0.40"), Decimal("-0.49")))
        return total + gap, vat, (_shown(total + gap), currency)
    if fault == "negative":
        for line in lines:
            for name in ("totalExclVat", "vatAmount", "totalInclVat", "quantity"):
                if line.get(name):
                    line[name] = -line[name]
        return -total, -vat, (_shown(-total),)
    return total, vat, ()


def _credit_note(rng: Random, number: int, credited: Paper) -> Paper:
    """Over the whole of another payment, with amounts below 0 or, as some write it, above."""
    sign = rng.choice((-1, -1, 1))
    source = credited.row
    amounts = ("totalExclVat", "vatAmount", "totalInclVat")

    def turned(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
        return {**values, **{name: values[name] * sign for name in names if values.get(name) is not None}}

    row = {
        **turned(source, amounts),
        "id": 50_000 + number,
        "invoiceNumber": f"T-{number}",
        "type": 5,
        "typeText": "CreditNote",
        "isCreditNote": True,
        "creditedInvoiceId": source["id"],
        "creditedInvoiceNumber": source["invoiceNumber"],
        "lines": [turned(line, ("quantity", *amounts)) for line in source["lines"]],
        "dueDate": None,
    }
    # A credit note needs a day of its own, and none to be paid by.
    row["invoiceDate"] = (dt.date.fromisoformat(source["invoiceDate"]) + dt.timedelta(rng.randint(0, 9))).isoformat()
    names = ("is a credit note too",) if credited.credits is not None else ()
    return Paper(str(row["id"]), f"T-{number}", row, credited.total, credited.customer, names, credits=credited)


def _instalment(rng: Random, number: int, customer: Customer, rates: tuple[int, ...]) -> Paper:
    currency = rng.choices(tuple(CURRENCIES), _WEIGHTS)[0]
    lines = []
    for position in range(1, rng.randint(1, 4) + 1):
        rate = rng.choice(rates)
        line = _priced(rng, "", currency, rate)
        lines.append(
            {
                "LineNumber": position,
                "ProductId": 10 + rate,
                "ProductCode": f"SEAT-{rate}",
                "Description": line["description"],
                "Quantity": line["quantity"],
                "UnitPrice": line["unitPriceExclVat"],
                "VatRate": Decimal(rate),
                "AmountExclVat": line["totalExclVat"],
                "VatAmount": line["vatAmount"],
                "AmountInclVat": line["totalInclVat"],
            }
        )
    if rng.random() < 0.2:
        lines.append({"LineNumber": len(lines) + 1, "Description": rng.choice(_SAYINGS)})
    amounts = {
        name: sum((line[name] for line in lines if name in line), Decimal(0))
        for name in ("AmountExclVat", "VatAmount", "AmountInclVat")
    }
    is_credit = rng.random() < 0.1
    if is_credit:
        for values in (*lines, amounts):
            values |= {name: -values[name] for name in (*amounts, "Quantity") if name in values}
    invoiced = dt.date(2026, 9, 1) + dt.timedelta(rng.randint(0, 80))
    row = {
        "InstalmentCode": f"INST-{number:04d}",
        "Status": "ToDo",
        "InvoiceDate": invoiced.isoformat(),
        "DueDate": (invoiced + dt.timedelta(rng.randint(0, 60))).isoformat(),
        "Currency": currency,
        "InvoiceReference": f"Season 2026-27 / {number} & co",
        "CustomerId": customer.number,
        "SaleNumber": f"S-{number}",
        "EventId": 77,
        "EventName": "Home match <12>",
        "Lines": lines,
        **amounts,
    }
    code = str(row["InstalmentCode"])
    return Paper(code, code, row, amounts["AmountInclVat"], customer, register=customer.in_ixpole())


def _priced(rng: Random, article: str, currency: str, rate: int | None = None) -> dict[str, Any]:
    rate = RATES[article] if rate is None else rate
    unit = Decimal(1) if currency in _WHOLE else Decimal("0.001") if currency in _THREE else Decimal("0.01")
    quantity = Decimal(rng.choice(("1", "1", "2", "3", "7", "12", "0.5", "2.5", "1.25", "7.75", "3.333")))
    cents = rng.choice((rng.randint(100, 99_999), rng.randint(1, 50) * 5_000, rng.randint(1, 10_000_000)))
    price = (Decimal(cents) / 100).quantize(max(unit, Decimal("0.01")), rounding=ROUND_HALF_UP) or Decimal(1)
    if currency not in _WHOLE and rng.random() < 0.1:
        price += Decimal("0.0034")
    net = (quantity * price).quantize(unit, rounding=ROUND_HALF_UP)
    vat = (net * rate / _HUNDRED).quantize(unit, rounding=ROUND_HALF_UP)
    return {
        "description": rng.choice(_TEXTS),
        "articleNumber": article,
        "quantity": quantity,
        "unitPriceExclVat": price,
        "unitPriceInclVat": None,
        "vatPercentage": rate,
        "totalExclVat": net,
        "vatAmount": vat,
        "totalInclVat": net + vat,
    }


def _sums(lines: list[dict[str, Any]]) -> tuple[Decimal, Decimal, Decimal]:
    excl, vat, total = (
        sum((line[name] for line in lines if name in line), Decimal(0))
        for name in ("totalExclVat", "vatAmount", "totalInclVat")
    )
    return excl, vat, total


def _shown(amount: Decimal) -> str:
    return f"{amount.quantize(Decimal('0.01'), rounding=ROUND_HALF_UP):,.2f}".replace(",", " ")
