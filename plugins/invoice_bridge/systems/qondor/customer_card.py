"""A customer of Qondor's register as a card, and what of a card Qondor takes (contract qondor.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.qondor.party import invoice_address, ordinary_address, read_customer
from invoice_bridge.systems.source_object import SourceObject
from invoice_bridge_core.documents import Address
from invoice_bridge_core.documents.comparable import comparable_email
from invoice_bridge_core.documents.customer_card import ContactPerson, CustomerCard, CustomerStatus
from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.documents.reading.countries import country_code
from invoice_bridge_core.documents.reading.emails import usable_email
from invoice_bridge_core.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FIELDS = frozenset(
    {
        "name",
        "legal_name",
        "tax_number",
        "organisation_number",
        "email",
        "phone",
        "address",
        "invoice_address",
        "customer_number",
        "contact_persons",
    }
)
PERSON_FIELDS = frozenset({"first_name", "last_name", "email", "phone"})
WRITABLE = (
    "externalReference", "name", "legalName", "address", "address2", "zipCode", "city", "countryCode",
    "organisationNumber", "vatNumber", "phoneNumber", "faxNumber", "customerNumber", "isInvoiceable", "invoiceCurrency",
    "invoiceAddressEnabled", "invoiceAddress", "invoiceAddress2", "invoiceZipCode", "invoiceCity", "invoiceCountryCode",
    "invoiceAdditionalInformation", "isActive", "invoiceEmail", "remarks",
)  # fmt: skip
"""What an update may hold; all of it is sent back, since whether Qondor keeps what is left out is not public."""
_TEXT, _NUMBER = 255, 50
_PLAIN = {
    "name": ("name", _TEXT),
    "legal_name": ("legalName", _TEXT),
    "tax_number": ("vatNumber", _NUMBER),
    "organisation_number": ("organisationNumber", _NUMBER),
    "email": ("invoiceEmail", _TEXT),
    "phone": ("phoneNumber", _NUMBER),
    "customer_number": ("customerNumber", _TEXT),
}


def read_card(entry: Mapping[str, Any], version: str = "") -> CustomerCard:
    """A customer in full as a card.

    :raises UnreadableError: it cannot be told what it is.
    """
    fields = SourceObject.of(entry, where="customer")
    party = read_customer(fields)
    if party is None:
        raise UnreadableError("A customer of Qondor has nothing by which it could be known")
    vat, organisation = fields.code("vatNumber"), fields.code("organisationNumber")
    is_active = fields.flag("isActive")
    return CustomerCard(
        key=party.key,
        external_reference=fields.code("externalReference"),
        name=party.name,
        legal_name=fields.word("legalName"),
        tax_number=vat or organisation,
        organisation_number=organisation,
        email=party.email,
        phone=party.phone,
        address=ordinary_address(fields),
        invoice_address=invoice_address(fields).model_copy(update={"has_another": False}),
        customer_number=party.customer_number,
        contact_persons=tuple(read_person(one) for one in fields.children("contactPersons") or ()),
        status=CustomerStatus.ARCHIVED if is_active is False else CustomerStatus.ACTIVE,
        version=version,
    )


def read_person(fields: SourceObject) -> ContactPerson:
    """A contact person of Qondor's."""
    return ContactPerson(
        key=fields.code("id") or "",
        external_reference=fields.code("externalReference"),
        first_name=fields.word("firstName"),
        last_name=fields.word("lastName"),
        email=fields.email("email"),
        phone=fields.line("phoneNumber"),
        is_active=fields.flag("isActive") is not False,
    )


def as_kept(card: CustomerCard) -> CustomerCard:
    """A card of another system as Qondor would keep it."""
    texts = {field: _cut(getattr(card, field), limit) for field, (_, limit) in _PLAIN.items() if field != "email"}
    return card.model_copy(
        update={
            **texts,
            "name": texts["name"] or "",
            "email": usable_email(card.email),
            "address": _address(card.address),
            "invoice_address": _address(card.invoice_address),
            "payment_terms": None,
            "contact_persons": tuple(map(_person, card.contact_persons)),
        }
    )


def body_of(wanted: CustomerCard, fields: Collection[str]) -> dict[str, Any]:
    """These fields as Qondor's body; what is empty is sent as an empty text, which empties it there."""
    body: dict[str, Any] = {
        name: getattr(wanted, field) or "" for field, (name, _) in _PLAIN.items() if field in fields
    }
    if "address" in fields:
        body |= _address_body(wanted.address, "")
    if "invoice_address" in fields or "address" in fields:
        is_another = not wanted.invoice_address.is_empty and wanted.invoice_address != wanted.address
        body["invoiceAddressEnabled"] = is_another
        if is_another:
            body |= _address_body(wanted.invoice_address, "invoice")
    return body


def person_body(person: ContactPerson, reference: str) -> dict[str, Any]:
    """A new contact person as Qondor's body; it asks for a first name."""
    local = (person.email or "").partition("@")[0]
    return {
        "firstName": person.first_name or person.last_name or local or reference,
        **({"lastName": person.last_name} if person.last_name and person.first_name else {}),
        **({"email": person.email} if person.email else {}),
        **({"phoneNumber": person.phone} if person.phone else {}),
        "externalReference": reference,
    }


def person_reference(customer: CustomerCard, person: ContactPerson) -> str:
    """Our own key of a contact person: whose it is, and the address or the reference."""
    own = comparable_email(person.email) or person.external_reference or person.key
    return shorten(f"{customer.external_reference or customer.key}:{own}", _TEXT)


def _person(person: ContactPerson) -> ContactPerson:
    return person.model_copy(
        update={
            "first_name": _cut(person.first_name, _TEXT),
            "last_name": _cut(person.last_name, _TEXT),
            "email": usable_email(person.email),
            "phone": _cut(person.phone, _NUMBER),
        }
    )


def _address(address: Address) -> Address:
    code = address.country_code or country_code(address.country or "")
    return Address(
        line1=_cut(address.line1, _TEXT),
        line2=_cut(address.line2, _TEXT),
        postal_code=_cut(address.postal_code, _NUMBER),
        city=_cut(address.city, _TEXT),
        country_code=code,
    )


def _address_body(address: Address, prefix: str) -> dict[str, str]:
    parts = {
        "address": address.line1,
        "address2": address.line2,
        "zipCode": address.postal_code,
        "city": address.city,
        "countryCode": address.country_code,
    }
    return {(f"{prefix}{name[0].upper()}{name[1:]}" if prefix else name): text or "" for name, text in parts.items()}


def _cut(text: str | None, limit: int) -> str | None:
    cleaned = " ".join((text or "").split())
    return shorten(cleaned, limit) if cleaned else None
