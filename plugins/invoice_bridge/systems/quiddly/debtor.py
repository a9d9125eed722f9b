"""A party as the debtor of an invoice, which travels inside it: Quiddly has no contacts of its own (seed 003)."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from invoice_bridge.hooks.http.exact_json import write_json
from invoice_bridge.systems.quiddly.settings import custom_field
from invoice_bridge_core.documents.reading.countries import country_code
from invoice_bridge_core.documents.reading.emails import usable_email
from invoice_bridge_core.ports import Contact, ContactIdentity

if TYPE_CHECKING:
    from invoice_bridge.systems.quiddly.settings import QuiddlySettings
    from invoice_bridge_core.documents import Document, Party
    from invoice_bridge_core.routes.model import Route

ADDRESS_PARTS = ("address", "zip", "city", "countryCode")
"""What Quiddly demands of every address, besides its name."""

_COUNTRY_PREFIX = re.compile(r"[A-Za-z]{2}[0-9A-Za-z]")


def customer_number(party: Party) -> str:
    """The debtor's unique number: the customer's own, else what the source knows it by."""
    return party.customer_number or party.key


def debtor_type(party: Party) -> str:
    """`PERSON` for bookers and private customers, `COMPANY` for all others."""
    return "PERSON" if party.is_booker or party.is_person else "COMPANY"


def vat_number(party: Party) -> str | None:
    """The first tax number that begins with a country's letters."""
    return next((number for number in party.tax_numbers if _COUNTRY_PREFIX.match(number.strip())), None)


def contact_identity(party: Party, route: Route) -> ContactIdentity:
    """What makes the party one debtor; no call depends on it, since its data travels with each invoice."""
    own = f"booker:{party.email.strip().casefold()}" if party.is_booker and party.email else f"customer:{party.key}"
    number = customer_number(party)
    return ContactIdentity(
        key=f"{route.source.conn_id}:{own}",
        lock_keys=(f"{route.finance.conn_id}:debtor:{number.casefold()}",),
        fingerprint=hashlib.sha256(write_json([number, party.name]).encode()).hexdigest(),
        name=party.name,
        # A source may give one number to two customers (contract qondor.md), and Quiddly knows a debtor by it.
        apart_from=f"{route.source.conn_id}:",
    )


class Debtors:
    """The customers of one route as debtors. No call: a debtor's data travels with each invoice."""

    def __init__(self, route: Route) -> None:
        self._route = route

    def identity(self, party: Party) -> ContactIdentity:
        """What makes this party one debtor."""
        return contact_identity(party, self._route)

    def find(self, party: Party) -> Contact:
        """The party itself, known by its customer number."""
        return Contact(contact_id=customer_number(party), name=party.name)


def debtor_body(document: Document, party: Party, settings: QuiddlySettings) -> dict[str, Any]:
    """`debtor` as it is sent; what is unknown is left out."""
    kind = debtor_type(party)
    debtor: dict[str, Any] = {
        "type": kind,
        "customerNumber": customer_number(party),
        "name": party.name,
        "identificationNumber": _identification_number(party),
        "vatNumber": vat_number(party),
        "invoiceAddress": invoice_address(party, settings),
        "deliveryAddress": delivery_address(document, party, settings),
        "email": usable_email(party.email),
        "cellPhone": custom_field(document, settings, "cell_phone") or (party.phone if kind == "PERSON" else None),
        "phone": party.phone if kind == "COMPANY" else None,
        "GLN": custom_field(document, settings, "gln") if kind == "COMPANY" else None,
        "FMI": custom_field(document, settings, "fmi") if kind == "PERSON" else None,
    }
    if settings.distribution_channel is not None:
        debtor["distributionChannel"] = settings.distribution_channel
        debtor["distributionChannelOverride"] = settings.distribution_channel_override
    return {field: value for field, value in debtor.items() if value is not None}


def invoice_address(party: Party, settings: QuiddlySettings) -> dict[str, str]:
    """The address that is printed; whatever parts are known. A booker without one gets the route's stand-in."""
    stand_in = settings.booker_address
    if party.is_booker and party.address.is_empty and stand_in is not None:
        parts: dict[str, str | None] = {
            "address": stand_in["address"],
            "city": stand_in["city"],
            "countryCode": stand_in["country_code"],
            "zip": stand_in["zip"],
        }
    else:
        address = party.address
        parts = {
            "address": ", ".join(line.strip() for line in (address.line1, address.line2) if line and line.strip()),
            "city": address.city,
            "countryCode": address.country_code,
            "zip": address.postal_code,
        }
    return _known({**parts, "name": party.name})


def may_stand_elsewhere(address: dict[str, str]) -> bool:
    """Whether a part that the address lacks may stand in another one: `Storgata 1, 0155 Oslo`, `0155 Oslo`."""
    street, postal_code, city = (address.get(part, "") for part in ("address", "zip", "city"))
    whole = " ".join((street, postal_code, city))
    return (
        ("zip" not in address and re.search(r"[0-9]{3}|[A-Z]{1,2}[0-9]", f"{street} {city}") is not None)
        or (
            "city" not in address
            and re.search(r",|[0-9]{3} ?[^\W\d]{2}|[^\W\d]{3}$", f"{street} {postal_code}") is not None
        )
        or ("address" not in address and re.search(r",|[^\W\d]+ [0-9]+", f"{postal_code} {city}") is not None)
        or ("countryCode" not in address and any(map(country_code, re.split(r"[,/()]", whole))))
    )


def delivery_address(document: Document, party: Party, settings: QuiddlySettings) -> dict[str, str] | None:
    """The address in the source's custom fields; whatever parts are known, `None` when they hold none."""
    parts = _known(
        {
            "address": custom_field(document, settings, "delivery_address"),
            "city": custom_field(document, settings, "delivery_city"),
            "countryCode": custom_field(document, settings, "delivery_country_code"),
            "zip": custom_field(document, settings, "delivery_zip"),
        }
    )
    name = custom_field(document, settings, "delivery_name")
    return {**parts, "name": name or party.name} if parts or name else None


def _known(parts: dict[str, str | None]) -> dict[str, str]:
    return {part: value.strip() for part, value in parts.items() if value and value.strip()}


def _identification_number(party: Party) -> str | None:
    """The first tax number of digits: the organisation number."""
    return next((number for number in party.tax_numbers if not _COUNTRY_PREFIX.match(number.strip())), None)
