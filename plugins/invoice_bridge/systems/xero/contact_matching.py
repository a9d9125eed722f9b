"""Whether a contact of Xero is a party: by our own key, tax numbers, e-mail address and name (seed 002)."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from invoice_bridge.systems.xero.contact_card import (
    contact_number,
    contact_tax_numbers,
    own_key_prefixes,
    party_tax_numbers,
    tax_likeness,
    unique_name,
)
from invoice_bridge_core.documents.customer_matching import Identifiers, are_namesakes, share_email, share_name
from invoice_bridge_core.documents.reading.characters import as_code
from invoice_bridge_core.documents.tax_numbers import Likeness

if TYPE_CHECKING:
    from invoice_bridge.hooks.xero.wire import XeroContact
    from invoice_bridge_core.documents import Party
    from invoice_bridge_core.routes.model import Route

_TYPED = str.maketrans({"'": "’"})
_PLAIN = str.maketrans({"’": "'", "–": "-", "—": "-"})


def is_own(contact: XeroContact, party: Party, route: Route) -> bool:
    """Whether we made the contact for this party."""
    return contact.contact_number is not None and contact.contact_number == contact_number(party, route)


def has_email_of(contact: XeroContact, party: Party, email: str) -> bool:
    """Whether the contact has the party's address, and is not a company that only shares it, as those of a group do."""
    return share_email(_of_contact(contact), _of_party(party, email))


def has_name_of(contact: XeroContact, party: Party) -> bool:
    """Whether both are called the same, capitals, blanks and signs aside."""
    return share_name(_of_contact(contact), _of_party(party, None))


def has_number_of(contact: XeroContact, party: Party) -> bool:
    """Whether the contact has the party's customer number, and not another company's tax number."""
    number = as_code(party.customer_number or "").casefold()
    has_it = bool(number) and as_code(contact.account_number or "").casefold() == number
    return has_it and tax_likeness(contact, party) is not Likeness.DIFFERENT


def is_namesake(contact: XeroContact, party: Party, email: str | None, route: Route) -> bool:
    """Whether the contact is called like the party, and nothing says that it is somebody else."""
    is_anothers = bool(contact.contact_number) and not is_own(contact, party, route)
    is_anothers = is_anothers and str(contact.contact_number).startswith(own_key_prefixes(route))
    return are_namesakes(_of_contact(contact), _of_party(party, email), is_anothers=is_anothers)


def name_writings(name: str) -> tuple[str, ...]:
    """How the name may stand in Xero: as given, with other apostrophes and dashes, and with parted accents."""
    composed = as_code(name)
    plain = composed.translate(_PLAIN)
    typed = plain.translate(_TYPED)
    return tuple(dict.fromkeys((composed, plain, typed, unicodedata.normalize("NFD", composed))))


def _of_contact(contact: XeroContact) -> Identifiers:
    return Identifiers((contact.name,), contact.email, contact_tax_numbers(contact))


def _of_party(party: Party, email: str | None) -> Identifiers:
    return Identifiers((party.name, unique_name(party)), email, party_tax_numbers(party), is_booker=party.is_booker)
