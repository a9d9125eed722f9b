"""Whom an iXpole instalment is addressed to (contract ixpole.md, instalment)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.source_object import SourceObject
from invoice_bridge_core.documents import Address, Party
from invoice_bridge_core.documents.invoice_fields import InvoiceField
from invoice_bridge_core.documents.reading.characters import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from invoice_bridge_core.documents.reading.record import ReadingRecord

_LISTED = frozenset(
    name.casefold()
    for name in (
        *("CustomerId", "CustomerCode", "Name", "Type", "VatNumber", "Email", "Phone", "Language", "CustomFields"),
        *("Address", "Zip", "City", "CountryCode"),
    )
)
"""The customer's fields that the contract names; whatever a tenant has besides is a custom field."""


def read_party(customer: Mapping[str, Any], customer_id: str, record: ReadingRecord, *, with_code: bool) -> Party:
    """The customer.

    :param record: of the document that is addressed to it.
    :param with_code: whether iXpole gives out the customer codes, so that its code goes to the finance system.
    :raises UnreadableError: a field of a wrong type.
    """
    fields = SourceObject.of(customer, where=f"iXpole customer {customer_id}", record=record, noted_as="customer: ")
    vat_number = fields.code("VatNumber")
    return Party(
        key=customer_id,
        name=fields.word("Name") or "",
        is_person=(fields.code("Type") or "").casefold() == "person",
        customer_number=fields.code("CustomerCode") if with_code else None,
        tax_numbers=(vat_number,) if vat_number else (),
        email=fields.email("Email"),
        phone=fields.line("Phone"),
        address=_address(fields),
        language=fields.code("Language"),
    )


def customer_code(customer: Mapping[str, Any], customer_id: str) -> str | None:
    """The code that iXpole has of the customer now."""
    return SourceObject.of(customer, where=f"iXpole customer {customer_id}").code("CustomerCode")


def customer_fields(customer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The customer's custom fields, named as the tenant names them: GLN, FMI and the like."""
    for name, value in customer.items():
        if name.casefold() not in _LISTED:
            yield from _named(name, value)
        elif name.casefold() == "customfields":
            yield from custom_fields(value)


def custom_fields(value: object) -> Iterator[tuple[str, str]]:
    """Custom fields, written as an object or as a list of names and values."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _named(name, each)
    elif isinstance(value, list):
        for each in value:
            if isinstance(each, Mapping):
                fields = SourceObject.of(each, where="custom field")
                yield from _named(fields.word("Name", "Key", "Heading") or "", fields.line("Value"))


def invoice_fields(value: object) -> Iterator[InvoiceField]:
    """The same fields, each value as it was written but for outer blanks."""
    named: list[tuple[str | None, object]] = []
    if isinstance(value, Mapping):
        named = list(value.items())
    elif isinstance(value, list):
        objects = [SourceObject.of(each, where="custom field") for each in value if isinstance(each, Mapping)]
        named = [(each.word("Name", "Key", "Heading"), each.exact("Value")) for each in objects]
    for name, each in named:
        if name and _is_said(each) and (text := visible(str(each)).strip()):
            yield InvoiceField(heading=name, value=text)


def _named(name: str, value: object) -> Iterator[tuple[str, str]]:
    if _is_said(value):
        text = " ".join(visible(str(value)).split())
        if name and text:
            yield name, text


def _is_said(value: object) -> bool:
    return isinstance(value, str | int | Decimal) and not isinstance(value, bool)


def _address(fields: SourceObject) -> Address:
    country = fields.word("CountryCode")
    is_code = country is not None and re.fullmatch(r"[A-Za-z]{2}", country) is not None
    return Address(
        line1=fields.word("Address"),
        postal_code=fields.code("Zip"),
        city=fields.word("City"),
        country_code=fields.country("CountryCode"),
        country=None if is_code else country,
    )
