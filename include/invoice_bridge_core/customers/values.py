"""The fields of a customer as plain values that can be compared, kept in the ledger and shown to people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from invoice_bridge_core.documents import Address
from invoice_bridge_core.documents.comparable import comparable_email
from invoice_bridge_core.documents.reading.characters import as_code
from invoice_bridge_core.documents.reading.countries import country_code
from invoice_bridge_core.documents.tax_numbers import same_tax_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from invoice_bridge_core.documents.customer_card import ContactPerson, CustomerCard

Value = str | int | dict[str, str] | None
"""One field; an address is its parts."""
Values = Mapping[str, Value]

PERSON_FIELDS = ("first_name", "last_name", "email", "phone")
_ADDRESS_PARTS = ("line1", "line2", "postal_code", "city", "country_code", "country")
_ADDRESSES = ("address", "invoice_address")
_TAX_NUMBERS = ("tax_number", "organisation_number")


def values_of(card: CustomerCard, fields: Iterable[str]) -> dict[str, Value]:
    """These fields of a card; `None` where it says nothing. Contact persons are no plain field."""
    return {field: _value(getattr(card, field)) for field in fields if field != "contact_persons"}


def person_values(person: ContactPerson, fields: Iterable[str] = PERSON_FIELDS) -> dict[str, Value]:
    """These fields of a contact person; `None` where nothing is said."""
    return {field: _value(getattr(person, field)) for field in fields}


def is_same(field: str, one: Value, other: Value, *, countries: tuple[str | None, str | None] = (None, None)) -> bool:
    """Whether two systems say the same in a field, however they write it.

    :param countries: of the two customers' addresses, in which their tax numbers are read.
    """
    if one is None or other is None:
        return one is None and other is None
    if field in _ADDRESSES:
        return comparable_address(one) == comparable_address(other)
    if field == "email":
        return _email(one) == _email(other)
    if field == "phone":
        return _digits(one) == _digits(other)
    if field in _TAX_NUMBERS:
        return as_code(str(one)) == as_code(str(other)) or same_tax_number(
            str(one), str(other), country=countries[0], other_country=countries[1]
        )
    return _in_one_line(one) == _in_one_line(other)


def comparable_address(address: Value) -> tuple[str, ...]:
    """An address without regard to blanks and to whether its country is named or coded."""
    parts = address if isinstance(address, dict) else {}
    named = parts.get("country_code") or parts.get("country") or ""
    country = country_code(named) or named.casefold()
    lines = (" ".join(parts.get(part, "").split()) for part in ("line1", "line2", "postal_code", "city"))
    return (*lines, country)


def country_of(card: CustomerCard) -> str | None:
    """The country in which the customer's tax numbers are read."""
    for address in (card.invoice_address, card.address):
        if (code := address.country_code or country_code(address.country or "")) is not None:
            return code
    return None


def shown(value: Value) -> str:
    """A value as people read it in a table; empty for none."""
    if isinstance(value, dict):
        town = " ".join(part for part in (value.get("postal_code"), value.get("city")) if part)
        country = value.get("country") or value.get("country_code")
        return ", ".join(part for part in (value.get("line1"), value.get("line2"), town, country) if part)
    return "" if value is None else str(value)


def _value(value: Any) -> Value:
    if isinstance(value, Address):
        parts = {part: text for part in _ADDRESS_PARTS if (text := getattr(value, part))}
        return parts or None
    if isinstance(value, str):
        return value.strip() or None
    return value if isinstance(value, int) else None


def _email(value: Value) -> str:
    return comparable_email(str(value)) or as_code(str(value)).casefold()


def _digits(value: Value) -> str:
    digits = re.sub(r"\D", "", str(value)).lstrip("0")
    return digits or as_code(str(value)).casefold()


def _in_one_line(value: Value) -> str:
    return " ".join(str(value).split())
