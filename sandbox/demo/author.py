"""Writes payments as Qondor would: lines with consistent arithmetic, heads with whatever may be missing."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.scene import Scene
    from sandbox.store import Row

KINDS = ("CustomerOfferInvoice", "CustomerFormInvoice", "BookingInvoice", "CreditCardPayment", "CreditNote")
OFFICES = {7: "Oslo", 8: "Stockholm", 9: "Malmö", 10: "Copenhagen"}
RATES = {"VAT25": 25, "VAT15": 15, "VAT12": 12, "VAT6": 6, "VAT0": 0, "PASS": 0, "DEPOSIT": 0, "OLD": 25}
CURRENCY_NUMBERS = {"NOK": 578, "SEK": 752, "EUR": 978, "GBP": 826}
_FIRST_ID, _FIRST_NUMBER = 50_001, 10_001
_CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Rounded half-up to two decimals."""
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)


def line(article: str, unit_price: str, quantity: str = "1.0", description: str | None = None, **changes: Any) -> Row:
    """A line whose total is quantity × unit price and whose VAT is rounded half-up."""
    rate = Decimal(RATES.get(article, 25))
    unit, count = Decimal(unit_price), Decimal(quantity)
    excl = cents(unit * count)
    vat = cents(excl * rate / 100)
    return {
        "id": None,
        "description": description or f"{article} service",
        "articleNumber": article,
        "quantity": count,
        "unitPriceExclVat": unit,
        "unitPriceInclVat": (unit * (100 + rate) / 100).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP),
        "vatPercentage": Decimal(f"{rate}.0"),
        "totalExclVat": excl,
        "vatAmount": vat,
        "totalInclVat": excl + vat,
        **changes,
    }


def pass_through(amount: str, description: str) -> Row:
    """A line of which only the total including VAT is known."""
    return {
        "id": None,
        "description": description,
        "articleNumber": "PASS",
        "quantity": None,
        "unitPriceExclVat": None,
        "unitPriceInclVat": None,
        "vatPercentage": None,
        "totalExclVat": None,
        "vatAmount": None,
        "totalInclVat": Decimal(amount),
    }


def negated(lines: list[Row], share: Decimal = Decimal(1)) -> list[Row]:
    """The lines of a credit note with negative amounts, of which a share of the quantity is credited."""
    signed = []
    for each in lines:
        count = -(each["quantity"] or Decimal(1)) * share
        if each["totalExclVat"] is None:
            signed.append({**each, "totalInclVat": -cents(each["totalInclVat"] * share)})
            continue
        excl = cents(count * each["unitPriceExclVat"])
        vat = cents(excl * each["vatPercentage"] / 100)
        signed.append({**each, "quantity": count, "totalExclVat": excl, "vatAmount": vat, "totalInclVat": excl + vat})
    return signed


class Author:
    """Writes the payments of one scene into Qondor's register, and what is expected of each.

    :param first: added to the ids and numbers, so that two stories never use the same.
    """

    def __init__(self, scene: Scene, route: str, offices: tuple[int, ...], first: int = 0) -> None:
        self._scene, self._route, self._offices = scene, route, offices
        self._written, self._first = 0, first

    @property
    def written(self) -> int:
        """How many payments were written so far."""
        return self._written

    def day(self, days_ago: int) -> date:
        """A date before the scene's anchor."""
        return self._scene.anchor - timedelta(days=days_ago)

    def write(
        self,
        kind: str,
        who: Row | None,
        lines: list[Row],
        *,
        outcome: str = "transferred",
        why: str = "ordinary",
        currency: str = "NOK",
        office: int = 7,
        on: date | None = None,
        terms: int | None = 30,
        fields: Row | None = None,
    ) -> Row:
        """One payment. `who` is a customer, or a booker (known by its first name); `fields` win over everything."""
        position = self._written
        self._written += 1
        on = on or self.day(3 + position % 55)
        by_card = kind == "CreditCardPayment"
        is_booker = who is not None and "firstName" in who
        payment: Row = {
            "id": _FIRST_ID + self._first + position,
            "invoiceNumber": f"Q-{_FIRST_NUMBER + self._first + position}",
            "type": KINDS.index(kind) + 1,
            "typeText": kind,
            "formOfPayment": 2 if by_card else 1,
            "formOfPaymentText": "CreditCard" if by_card else "Invoice",
            "isCreditNote": kind == "CreditNote",
            "creditedInvoiceId": None,
            "creditedInvoiceNumber": None,
            "status": 1,
            "statusText": "Unprocessed",
            "invoiceDate": on.isoformat(),
            "dueDate": None if terms is None else (on + timedelta(days=terms)).isoformat(),
            "paymentTermsDays": terms,
            "currency": currency,
            "currencyCode": CURRENCY_NUMBERS[currency],
            "officeId": office,
            "officeName": OFFICES[office],
            "projectId": 5501 + position % 23,
            "projectNo": f"P-{5501 + position % 23}",
            "projectName": f"Event {position % 23 + 1}",
            "customer": None if is_booker else who,
            "booker": who if is_booker else None,
            "customInvoiceFields": [],
            "lines": [{**each, "id": number} for number, each in enumerate(lines, start=1)],
            **_totals(lines),
            "externalReference": None,
            "failureMessage": None,
            "paidDate": None,
            **(fields or {}),
        }
        self._scene.add("qondor", "payments", payment)
        if office not in self._offices:
            outcome, why = "left alone", f"office {office} does not belong to the route"
        self._scene.expect(self._route, payment["id"], payment["invoiceNumber"], outcome, why)
        return payment

    def credit(self, invoice: Row, *, positive: bool = False, share: Decimal = Decimal(1), why: str) -> Row:
        """A credit note of an invoice."""
        lines = negated(invoice["lines"], share)
        if positive:
            lines = negated(lines)
        on = date.fromisoformat(invoice["invoiceDate"]) + timedelta(days=2)
        return self.write(
            "CreditNote",
            invoice["customer"] or invoice["booker"],
            lines,
            why=why,
            currency=invoice["currency"],
            office=invoice["officeId"],
            on=on,
            fields={
                "creditedInvoiceId": invoice["id"],
                "creditedInvoiceNumber": invoice["invoiceNumber"],
                "formOfPayment": invoice["formOfPayment"],
                "formOfPaymentText": invoice["formOfPaymentText"],
            },
        )


def _totals(lines: list[Row]) -> dict[str, Decimal]:
    """Sums of the lines; a line without a VAT split counts as free of VAT."""
    incl = sum((each["totalInclVat"] for each in lines), Decimal("0.00"))
    vat = sum((each["vatAmount"] or Decimal(0) for each in lines), Decimal("0.00"))
    return {"totalExclVat": incl - vat, "vatAmount": vat, "totalInclVat": incl}
