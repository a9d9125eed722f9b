"""A contact of Xero's as a card, and what of a card Xero takes (contract xero.md, "Contacts")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invoice_bridge.systems.xero.contact_card import contact_card, contact_name, phone_number, xero_address
from invoice_bridge_core.documents import Address
from invoice_bridge_core.documents.customer_card import ContactPerson, CustomerCard, CustomerStatus
from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.documents.reading.characters import as_code
from invoice_bridge_core.documents.reading.countries import country_code
from invoice_bridge_core.documents.reading.emails import usable_email

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from invoice_bridge.hooks.xero.wire import XeroContact, XeroContactPerson

FIELDS = frozenset(
    {
        "name",
        "tax_number",
        "organisation_number",
        "email",
        "phone",
        "address",
        "invoice_address",
        "payment_terms",
        "customer_number",
        "contact_persons",
    }
)
PERSON_FIELDS = frozenset({"first_name", "last_name", "email"})
MOST_PERSONS = 5
_AFTER_DATE = "DAYSAFTERBILLDATE"
_MOST_DAYS = 999
_NUMBER = 50
_NAME = 255
_STREET, _POSTAL = "STREET", "POBOX"


def read_card(contact: XeroContact) -> CustomerCard:
    """A contact as a card."""
    street, postal = (_read_address(contact, kind) for kind in (_STREET, _POSTAL))
    phones = {phone.phone_type or "DEFAULT": phone_number(phone) for phone in contact.phones or ()}
    terms = contact.payment_terms.sales if contact.payment_terms is not None else None
    is_merged = contact.merged_to is not None and contact.merged_to != contact.contact_id
    active = CustomerStatus.ACTIVE if contact.is_active else CustomerStatus.ARCHIVED
    return CustomerCard(
        key=contact.contact_id or "",
        external_reference=contact.contact_number,
        name=contact.name,
        tax_number=contact.tax_number,
        organisation_number=contact.company_number,
        email=contact.email,
        phone=phones.get("DEFAULT") or None,
        address=street,
        invoice_address=street if postal.is_empty else postal,
        payment_terms=terms.day if terms is not None and terms.type == _AFTER_DATE else None,
        customer_number=contact.account_number,
        contact_persons=tuple(map(_read_person, contact.persons or ())),
        is_customer=bool(contact.is_customer) or not contact.is_supplier,
        status=CustomerStatus.MERGED if is_merged else active,
        merged_to=contact.merged_to if is_merged else None,
    )


def as_kept(card: CustomerCard) -> CustomerCard:
    """A card of another system as Xero would keep it; the transfer sends the same of the same customer."""
    party = card.party
    sent = contact_card(party)
    terms = card.payment_terms
    email = sent.get("EmailAddress")
    return card.model_copy(
        update={
            "name": contact_name(party),
            "legal_name": None,
            "tax_number": sent.get("TaxNumber"),
            "organisation_number": _cut(card.organisation_number, _NUMBER),
            "email": email,
            "phone": _cut(card.phone, _NUMBER),
            "address": _kept_address(card.address),
            "invoice_address": _kept_address(card.invoice_address),
            "payment_terms": terms if terms is not None and 0 <= terms <= _MOST_DAYS else None,
            "customer_number": _cut(card.customer_number, _NUMBER),
            # Xero lets nobody be added to a contact that has neither a name of a person nor an address.
            "contact_persons": tuple(map(_kept_person, card.contact_persons)) if email else (),
        }
    )


def body_of(wanted: CustomerCard, fields: Collection[str]) -> dict[str, Any]:
    """These fields as Xero's body; what is empty is sent as an empty text, which empties it there."""
    body: dict[str, Any] = {}
    for field, name in (
        ("name", "Name"),
        ("tax_number", "TaxNumber"),
        ("organisation_number", "CompanyNumber"),
        ("email", "EmailAddress"),
        ("customer_number", "AccountNumber"),
    ):
        if field in fields:
            body[name] = getattr(wanted, field) or ""
    if "phone" in fields:
        body["Phones"] = [{"PhoneType": "DEFAULT", "PhoneNumber": wanted.phone or ""}]
    addresses = [("address", _STREET, wanted.address), ("invoice_address", _POSTAL, wanted.invoice_address)]
    if sent := [_address_body(address, kind) for field, kind, address in addresses if field in fields]:
        body["Addresses"] = sent
    if "payment_terms" in fields and wanted.payment_terms is not None:
        body["PaymentTerms"] = {"Sales": {"Day": wanted.payment_terms, "Type": _AFTER_DATE}}
    if "contact_persons" in fields:
        body["ContactPersons"] = persons_body(wanted.contact_persons[:MOST_PERSONS])
    return body


def persons_body(persons: Iterable[ContactPerson]) -> list[dict[str, Any]]:
    """Contact persons as Xero takes them: all at once, in the place of all that were there."""
    return [
        {
            "FirstName": person.first_name or "",
            "LastName": person.last_name or "",
            "EmailAddress": person.email or "",
            "IncludeInEmails": bool(person.gets_copies),
        }
        for person in persons
    ]


def _read_person(person: XeroContactPerson) -> ContactPerson:
    return ContactPerson(
        first_name=person.first_name,
        last_name=person.last_name,
        email=person.email,
        gets_copies=person.include_in_emails,
    )


def _kept_person(person: ContactPerson) -> ContactPerson:
    return person.model_copy(
        update={
            "first_name": _cut(person.first_name, _NAME),
            "last_name": _cut(person.last_name, _NAME),
            "email": usable_email(person.email),
            "phone": None,
        }
    )


def _read_address(contact: XeroContact, kind: str) -> Address:
    found = next((address for address in contact.addresses or () if address.address_type == kind), None)
    if found is None:
        return Address()
    return Address(
        line1=found.line1,
        line2=found.line2,
        postal_code=found.postal_code,
        city=found.city,
        country=found.country,
        country_code=country_code(found.country or ""),
    )


def _kept_address(address: Address) -> Address:
    if address.is_empty:
        return Address()
    sent = xero_address(address)
    country = sent.get("Country")
    return Address(
        line1=sent.get("AddressLine1"),
        line2=sent.get("AddressLine2"),
        postal_code=sent.get("PostalCode"),
        city=sent.get("City"),
        country=country,
        country_code=country_code(country or ""),
    )


def _address_body(address: Address, kind: str) -> dict[str, str]:
    empty = dict.fromkeys(("AddressLine1", "AddressLine2", "City", "PostalCode", "Country"), "")
    return {**empty, **xero_address(address), "AddressType": kind}


def _cut(text: str | None, limit: int) -> str | None:
    cleaned = as_code(" ".join((text or "").split()))
    return shorten(cleaned, limit) if cleaned else None
