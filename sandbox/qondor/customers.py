"""Qondor's customers (qondor.md, "Customers and contact persons")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sandbox.qondor.bodies import email, flag, letters, text, whole
from sandbox.qondor.register import Register

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.qondor.bodies import Check
    from sandbox.qondor.contact_persons import ContactPersons
    from sandbox.store import Row, Store

_SUMMARY = (
    "id", "externalReference", "name", "organisationNumber", "city", "customerNumber", "officeId", "isActive",
    "invoiceEmail",
)  # fmt: skip
_COUNTRIES = {"NO": "Norway", "SE": "Sweden", "DE": "Germany", "DK": "Denmark", "FI": "Finland", "GB": "United Kingdom"}


class Customers(Register):
    """The customers of all offices; several may have one number, even within an office."""

    name = "customers"
    first_id = 90_001
    required = ("name",)
    set_once = frozenset({"officeId"})
    checks: ClassVar[Mapping[str, Check]] = {
        "officeId": whole,
        "externalReference": text(255),
        "customerNumber": text(255),
        "name": text(255),
        "legalName": text(255),
        "organisationNumber": text(50),
        "vatNumber": text(50),
        "invoiceEmail": email,
        "phoneNumber": text(50),
        "address": text(255),
        "address2": text(255),
        "zipCode": text(50),
        "city": text(255),
        "countryCode": letters(2),
        "invoiceAddressEnabled": flag,
        "invoiceAddress": text(255),
        "invoiceAddress2": text(255),
        "invoiceZipCode": text(50),
        "invoiceCity": text(255),
        "invoiceCountryCode": letters(2),
        "invoiceAdditionalInformation": text(4_000),
        "invoiceCurrency": letters(3),
        "isInvoiceable": flag,
        "isActive": flag,
        "remarks": text(4_000),
    }

    def __init__(self, store: Store, persons: ContactPersons) -> None:
        super().__init__(store, customerNumber=lambda row: row.get("customerNumber"))
        self._persons = persons

    def put(self, row: Row | None = None, /, **fields: Any) -> Row:
        """Add or replace a customer; those under `contactPersons` become contact persons of it."""
        given = {"isActive": True, "isInvoiceable": True, "invoiceAddressEnabled": False, **(row or {}), **fields}
        persons = given.pop("contactPersons", None)
        made = super().put(self.completed(given))
        for person in persons or []:
            self._persons.put(person, of=made["id"])
        return made

    def completed(self, row: Row) -> Row:
        """A customer with the names of its countries."""
        code = row.get("countryCode")
        country = _COUNTRIES.get(str(code).upper(), row.get("country")) if code else row.get("country")
        flags = {name: True for name in ("isActive", "isInvoiceable") if row.get(name) is None}
        return {**row, "country": country, **flags}

    def numbered(self, number: str) -> list[Row]:
        """Every customer with a number, of whatever office."""
        return self.find("customerNumber", number)

    def show(self, row: Row) -> Row:
        """A customer in full, with its contact persons."""
        persons = [self._persons.show(person) for person in self._persons.of(row["id"])]
        return {**row, "contactPersons": persons}


def summary(row: Row) -> Row:
    """A customer as the list of all shows it: neither addresses nor tax numbers nor contact persons."""
    return {name: row.get(name) for name in _SUMMARY}
