"""A party as Xero's contact: what is sent, what it is remembered by, and what differs from what Xero has."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.http.exact_json import write_json
from invoice_bridge.hooks.xero.where import can_be_asked
from invoice_bridge_core.documents.comparable import comparable_email, comparable_name
from invoice_bridge_core.documents.customer_matching import is_same_email
from invoice_bridge_core.documents.document import shorten
from invoice_bridge_core.documents.reading.characters import as_code
from invoice_bridge_core.documents.reading.countries import country_code
from invoice_bridge_core.documents.reading.emails import usable_email
from invoice_bridge_core.documents.tax_numbers import Likeness, compare_tax_numbers, read_tax_numbers
from invoice_bridge_core.ports import ContactIdentity

if TYPE_CHECKING:
    from invoice_bridge.hooks.xero.wire import XeroContact, XeroPhone
    from invoice_bridge_core.documents import Address, Party
    from invoice_bridge_core.documents.tax_numbers import TaxNumber
    from invoice_bridge_core.routes.model import Route

NAME_LIMIT = 255
_NUMBER_LIMIT = 50
_TAX_LIMIT = 50
_COUNTRY = re.compile(r"[A-Za-z ]{1,50}")
"""All that Xero takes for a country; `Côte d'Ivoire` goes as its code."""


def contact_identity(party: Party, route: Route) -> ContactIdentity:
    """What makes the party one contact: bookers are their e-mail address (seed 002), customers their source's key."""
    name = contact_name(party)
    email = comparable_email(usable_email(party.email))
    shared = {f"name:{comparable_name(name)}", f"email:{email}" if email else ""}
    shared |= {f"tax:{text}" for number in party_tax_numbers(party) for text in number.shared_texts}
    data = write_json({"card": contact_card(party), "tax_numbers": party.tax_numbers, "key": party.key})
    return ContactIdentity(
        key=own_key(party, route),
        lock_keys=tuple(sorted(f"{route.finance.conn_id}:{key}" for key in shared if key)),
        fingerprint=hashlib.sha256(data.encode()).hexdigest(),
        name=name,
    )


def own_key(party: Party, route: Route) -> str:
    """Tells the party from all others, of other sources too: two sources may both have a customer 901."""
    if party.is_booker and party.email:
        return f"booker:{party.email.strip().casefold()}"
    return f"{route.source.conn_id}:customer:{party.key}"


def own_key_prefixes(route: Route) -> tuple[str, ...]:
    """How the keys of all parties of the route begin."""
    return "booker:", f"{route.source.conn_id}:customer:"


def party_tax_numbers(party: Party) -> tuple[TaxNumber, ...]:
    """The party's tax numbers, read with the country of its address; none of a booker (seed 002)."""
    if party.is_booker:
        return ()
    address = party.address
    return read_tax_numbers(party.tax_numbers, address.country_code or country_code(address.country or ""))


def contact_tax_numbers(contact: XeroContact) -> tuple[TaxNumber, ...]:
    """The contact's tax number, read with the country of its addresses."""
    numbers = read_tax_numbers([contact.tax_number or ""])
    if not numbers or numbers[0].country:
        return numbers
    names = (address.country for address in contact.addresses or () if address.country)
    return read_tax_numbers([contact.tax_number or ""], next(filter(None, map(country_code, names)), None))


def tax_likeness(contact: XeroContact, party: Party) -> Likeness:
    """What the tax numbers say of whether the two are one."""
    return compare_tax_numbers(party_tax_numbers(party), contact_tax_numbers(contact))


def contact_number(party: Party, route: Route) -> str:
    """Xero's `ContactNumber`, where our own key is written so that a contact of a lost answer is found again.

    A key that is too long for Xero, or that Xero cannot be asked for, is written as its hash.
    """
    key = own_key(party, route)
    is_plain = len(key) <= _NUMBER_LIMIT and can_be_asked(key)
    return key if is_plain else hashlib.sha256(key.encode()).hexdigest()[:_NUMBER_LIMIT]


def contact_name(party: Party) -> str:
    """The party's name in one line, as long as Xero takes it."""
    return shorten(" ".join(party.name.split()), NAME_LIMIT)


def unique_name(party: Party) -> str:
    """A name of its own for a party whose name another contact has: `Acme AS (C-902)`."""
    email = party.email if party.is_booker else None
    suffix = f" ({shorten(party.customer_number or email or party.key, 100)})"
    return shorten(" ".join(party.name.split()), NAME_LIMIT - len(suffix)) + suffix


def contact_card(party: Party) -> dict[str, Any]:
    """The data that Xero should have of the party; what is unknown is left out, so that nothing is blanked there."""
    tax_number = None if party.is_booker else next(iter(_real_tax_numbers(party)), None)
    has_person = party.is_booker or party.is_person
    card: dict[str, Any] = {
        "Name": contact_name(party),
        "TaxNumber": tax_number,
        "EmailAddress": usable_email(party.email),
        "FirstName": _cut(party.first_name, 255) if has_person else None,
        "LastName": _cut(party.last_name, 255) if has_person else None,
        "Addresses": [xero_address(party.address)] if not party.address.is_empty else None,
        "Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": phone}] if (phone := _cut(party.phone, 50)) else None,
    }
    return {field: value for field, value in card.items() if value}


def differences(existing: XeroContact, party: Party) -> dict[str, Any]:
    """The part of the party's card that Xero's contact does not have yet."""
    return {field: value for field, value in contact_card(party).items() if not _has(existing, field, value, party)}


def _has(existing: XeroContact, field: str, value: Any, party: Party) -> bool:
    match field:
        case "Name":
            same = existing.name in (value, unique_name(party))
        case "TaxNumber":
            same = _has_tax_number(existing, party)
        case "EmailAddress":
            same = is_same_email(existing.email, value)
        case "FirstName":
            same = existing.first_name == value
        case "LastName":
            same = existing.last_name == value
        case "Addresses":
            same = _has_address(existing, value[0])
        case _:
            same = any(
                _digits(phone_number(phone)) == _digits(value[0]["PhoneNumber"]) for phone in existing.phones or ()
            )
    return same


def _has_tax_number(existing: XeroContact, party: Party) -> bool:
    """A number that may be a slip, or of another register, does not take the place of one that is right."""
    likeness = tax_likeness(existing, party)
    is_right_there = any(number.is_certain for number in contact_tax_numbers(existing))
    return likeness is Likeness.SAME or (likeness is Likeness.DOUBTFUL and is_right_there)


def _has_address(existing: XeroContact, sent: dict[str, str]) -> bool:
    for address in existing.addresses or ():
        if address.address_type == sent["AddressType"]:
            there = {
                "AddressLine1": address.line1,
                "AddressLine2": address.line2,
                "City": address.city,
                "PostalCode": address.postal_code,
                "Country": address.country,
            }
            return all(there[field] == value for field, value in sent.items() if field != "AddressType")
    return False


def xero_address(address: Address) -> dict[str, str]:
    """An address to which papers are sent, as Xero takes it; what is empty is left out."""
    parts = {
        "AddressType": "POBOX",
        "AddressLine1": _cut(address.line1, 500),
        "AddressLine2": _cut(address.line2, 500),
        "City": _cut(address.city, 255),
        "PostalCode": _cut(address.postal_code, 50),
        "Country": _country(address),
    }
    return {field: value for field, value in parts.items() if value}


def _country(address: Address) -> str | None:
    names = (" ".join((name or "").split()) for name in (address.country, address.country_code))
    return next((name for name in names if _COUNTRY.fullmatch(name)), None)


def _real_tax_numbers(party: Party) -> list[str]:
    """Those that are numbers, as they are written; without the words around them where that is too long for Xero."""
    texts = [as_code(text) for text in party.tax_numbers if read_tax_numbers([text])]
    return [text if len(text) <= _TAX_LIMIT else _short(text) for text in texts]


def _short(text: str) -> str:
    number = next(iter(read_tax_numbers([text])))
    return shorten(f"{number.country}{number.plain}", _TAX_LIMIT)


def _cut(text: str | None, limit: int) -> str | None:
    cleaned = " ".join((text or "").split())
    return shorten(cleaned, limit) if cleaned else None


def phone_number(phone: XeroPhone) -> str:
    """A telephone number in one piece."""
    return f"{phone.country_code or ''}{phone.area_code or ''}{phone.number or ''}"


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text).lstrip("0")
