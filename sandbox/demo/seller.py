"""Writes instalments as iXpole would: sales of products to customers, due on a day (ixpole.md, "Instalment")."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.demo.author import cents

if TYPE_CHECKING:
    from sandbox.ixpole.tenants import Tenant
    from sandbox.scene import Scene
    from sandbox.store import Row

_CITIES = {
    "NO": ("Bergen", "5003", "Kaigaten"),
    "SE": ("Malmö", "211 20", "Storgatan"),
    "BE": ("Antwerpen", "2000", "Meir"),
    "DE": ("Köln", "50667", "Domstraße"),
}
_LANGUAGES = {"NO": "nb", "SE": "sv", "BE": "nl", "DE": "de"}


class Seller:
    """Fills one tenant: customers, products, instalments, and what is expected of each."""

    def __init__(self, scene: Scene, tenant: Tenant, route: str, *, first: int, currency: str) -> None:
        self._scene, self._tenant, self._route = scene, tenant, route
        self._next, self._currency = first, currency
        self._customers, self._products = 0, 0

    def customer(self, name: str, country: str = "NO", *, person: bool = False, **fields: Any) -> Row:
        """A customer with everything that one can have; `fields` win."""
        number = 301 + self._customers
        self._customers += 1
        city, zip_code, street = _CITIES[country]
        vat_number = None if person else _vat_number(country, f"{self._tenant.name == 'arena':d}{number}")
        values: Row = {
            "CustomerId": number,
            "CustomerCode": None,
            "Name": name,
            "Type": "Person" if person else "Company",
            "VatNumber": vat_number,
            "Email": f"invoice{number}@{self._tenant.name}-customer.example",
            "Phone": f"+47550{number:05d}",
            "Address": f"{street} {number - 300}",
            "Zip": zip_code,
            "City": city,
            "CountryCode": country,
            "Language": _LANGUAGES[country],
            **fields,
        }
        self._scene.add("ixpole", "customers", {"key": f"{self._tenant.name}/{number}", **values})
        return values

    def product(self, code: str, name: str, rate: str, price: str, account: str | None, **fields: Any) -> Row:
        """A product; its account is the ledger's, as the tenant wrote it down."""
        number = 1 + self._products
        self._products += 1
        values: Row = {
            "ProductId": number,
            "ProductCode": code,
            "Name": name,
            "Description": f"{name}, as booked",
            "VatRate": Decimal(rate),
            "UnitPrice": Decimal(price),
            "LedgerAccount": account,
            **fields,
        }
        self._scene.add("ixpole", "products", {"key": f"{self._tenant.name}/{number}", **values})
        return values

    def day(self, days_ago: int) -> date:
        """A date before the scene's anchor."""
        return self._scene.anchor - timedelta(days=days_ago)

    def instalment(
        self,
        who: Row | None,
        lines: list[Row],
        *,
        outcome: str = "transferred",
        why: str = "ordinary",
        on: date | None = None,
        terms: int | None = 30,
        currency: str | None = None,
        code: str | None = None,
        **fields: Any,
    ) -> Row:
        """One instalment and what it calls for; `fields` win over everything."""
        position = self._next
        self._next += 1
        on = on or self.day(2 + position % 41)
        code = code or f"INST-2026-{position:04d}"
        values: Row = {
            "InstalmentCode": code,
            "Status": "ToDo",
            "InvoiceDate": on.isoformat(),
            "DueDate": None if terms is None else (on + timedelta(days=terms)).isoformat(),
            "Currency": currency or self._currency,
            "InvoiceReference": f"Season 2026-27, part {position % 4 + 1}",
            "CustomerId": who["CustomerId"] if who else None,
            "SaleNumber": f"S-{1000 + position}",
            "EventId": 70 + position % 9,
            "EventName": f"Home match {position % 9 + 1}",
            "Lines": [{"LineNumber": number, **each} for number, each in enumerate(lines, start=1)],
            **totals(lines),
            **fields,
        }
        self._scene.add("ixpole", "instalments", {"tenant": self._tenant.name, "instalment": values})
        self._scene.expect(self._route, code, code, outcome, why)
        return values


def line(product: Row, quantity: str | int = 1, price: str | None = None, **fields: Any) -> Row:
    """A line whose total is quantity × price and whose VAT is rounded half-up."""
    count, unit = Decimal(quantity), Decimal(price) if price else product["UnitPrice"]
    excl = cents(count * unit)
    vat = cents(excl * product["VatRate"] / 100)
    return {
        "ProductId": product["ProductId"],
        "ProductCode": product["ProductCode"],
        "Description": product["Name"],
        "Quantity": count,
        "UnitPrice": unit,
        "VatRate": product["VatRate"],
        "AmountExclVat": excl,
        "VatAmount": vat,
        "AmountInclVat": excl + vat,
        **fields,
    }


def totals(lines: list[Row]) -> dict[str, Decimal]:
    """Sums of the lines."""
    names = ("AmountExclVat", "VatAmount", "AmountInclVat")
    return {name: sum((each[name] for each in lines), Decimal("0.00")) for name in names}


def _vat_number(country: str, serial: str) -> str:
    forms = {"NO": "NO97000{}MVA", "SE": "SE5560{}0001", "BE": "BE04000{}1", "DE": "DE81000{}"}
    return forms[country].format(serial.rjust(4, "0"))
