"""Whom a Qondor payment is addressed to: its customer, or its booker (contract qondor.md)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from invoice_bridge_core.documents import Address, Party

if TYPE_CHECKING:
    from invoice_bridge.systems.source_object import SourceObject

_KEYS = ("customerNumber", "externalReference", "organisationNumber", "vatNumber", "invoiceEmail", "name", "legalName")
"""What a customer without an id is known by."""


def read_party(payment: SourceObject) -> Party | None:
    """The customer; the booker when there is no customer, or none with a name; `None` when there is neither.

    :raises UnreadableError: a field of a wrong type.
    """
    fields, booker_fields = payment.child("customer"), payment.child("booker")
    customer = read_customer(fields) if fields is not None and not fields.is_blank() else None
    if customer is not None and customer.name:
        return customer
    booker = _booker(booker_fields) if booker_fields is not None and not booker_fields.is_blank() else None
    return booker or customer


def read_id(fields: SourceObject, name: str) -> str | None:
    """An id; `None` for 0 too, by which .NET says that there is none."""
    value = fields.code(name)
    return None if value == "0" else value


def read_customer(fields: SourceObject) -> Party | None:
    """A customer, as payments and the register tell of it; `None` for one that nothing could be known by."""
    key = read_id(fields, "id") or _key_without_id(fields)
    if key is None:
        return None
    # VAT number first: that is what contacts are matched by (seed 002).
    numbers = [number for name in ("vatNumber", "organisationNumber") if (number := fields.code(name))]
    return Party(
        key=key,
        name=fields.word("name", "legalName") or "",
        customer_number=fields.code("customerNumber"),
        tax_numbers=tuple(dict.fromkeys(numbers)),
        email=fields.email("invoiceEmail", "email"),
        phone=fields.line("phoneNumber"),
        address=invoice_address(fields),
    )


def _key_without_id(fields: SourceObject) -> str | None:
    known = next(((name, word) for name in _KEYS if (word := fields.word(name))), None)
    if known is None:
        return None
    key = ":".join(known)
    # Qondor gives one customer number to several customers (contract qondor.md, "Customers and contact persons").
    other = _told_apart_by(fields) if known[0] == "customerNumber" else None
    return f"{key}, {other}" if other else key


def _told_apart_by(fields: SourceObject) -> str | None:
    """A tax number, which outlasts a change of name; else the name."""
    for name in ("organisationNumber", "vatNumber"):
        number = re.sub(r"[\W_]", "", fields.code(name) or "").casefold()
        if re.search(r"\d", number):
            return number
    return (fields.word("name", "legalName") or "").casefold() or None


def _booker(fields: SourceObject) -> Party | None:
    first, last = (fields.word(name) for name in ("firstName", "lastName"))
    email = fields.email("email")
    name = " ".join(part for part in (first, last) if part) or email
    if name is None:
        return None
    return Party(
        key=(email or name).lower(),
        name=name,
        is_booker=True,
        is_person=True,
        first_name=first,
        last_name=last,
        email=email,
        phone=fields.line("phoneNumber"),
    )


def invoice_address(fields: SourceObject) -> Address:
    """Where a customer's invoices go: its invoice address where that is switched on, else the ordinary one."""
    ordinary = ordinary_address(fields)
    if fields.flag("invoiceAddressEnabled"):
        address = Address(
            line1=fields.word("invoiceAddress"),
            line2=fields.word("invoiceAddress2"),
            postal_code=fields.code("invoiceZipCode"),
            city=fields.word("invoiceCity"),
            country_code=(code := fields.country("invoiceCountryCode")),
            unread_country=None if code else fields.word("invoiceCountryCode"),
        )
        if not address.is_whole and not ordinary.is_empty:
            address = address.model_copy(update={"has_another": True})
        # Switched on and never filled in: the ordinary address is the only one there is.
        if not address.is_empty:
            return address
    return ordinary


def ordinary_address(fields: SourceObject) -> Address:
    """Where a customer is."""
    return Address(
        line1=fields.word("address"),
        line2=fields.word("address2"),
        postal_code=fields.code("zipCode"),
        city=fields.word("city"),
        country_code=(code := fields.country("countryCode", "country")),
        country=fields.word("country"),
        unread_country=None if code else fields.word("countryCode", "country"),
    )
