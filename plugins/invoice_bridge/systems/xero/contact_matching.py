"""Whether a contact of Xero is a party: by our own key, tax numbers, e-mail address and name (seed 002)."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from invoice_bridge.systems.xero.contact_card import contact_number, own_key_prefixes, tax_likeness, unique_name
from invoice_bridge.systems.xero.email_addresses import is_same_email
from invoice_bridge_core.documents.comparable import comparable_name
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
    """Whether the contact has the party's address, and is not a company that only shares it, as those of a group do.

    Where a tax number is doubtful, the name decides.
    """
    if not is_same_email(contact.email, email):
        return False
    if party.is_booker:
        return True
    likeness = tax_likeness(contact, party)
    return likeness in (Likeness.SAME, Likeness.UNKNOWN) or (
        likeness is Likeness.DOUBTFUL and has_name_of(contact, party)
    )


def has_name_of(contact: XeroContact, party: Party) -> bool:
    """Whether both are called the same, capitals, blanks and signs aside."""
    name = comparable_name(contact.name)
    return name in (comparable_name(party.name), comparable_name(unique_name(party)))


def is_namesake(contact: XeroContact, party: Party, email: str | None, route: Route) -> bool:
    """Whether the contact is called like the party, and nothing says that it is somebody else.

    Tax numbers that differ say so, doubtful ones too; so do two e-mail addresses, and the key of another customer.
    """
    if not has_name_of(contact, party):
        return False
    likeness = tax_likeness(contact, party)
    if likeness is Likeness.SAME:
        return True
    is_anothers = bool(contact.contact_number) and not is_own(contact, party, route)
    is_anothers = is_anothers and str(contact.contact_number).startswith(own_key_prefixes(route))
    has_other_email = bool(contact.email and email) and not is_same_email(contact.email, email)
    return likeness is Likeness.UNKNOWN and not is_anothers and not has_other_email


def name_writings(name: str) -> tuple[str, ...]:
    """How the name may stand in Xero: as given, with other apostrophes and dashes, and with parted accents."""
    composed = as_code(name)
    plain = composed.translate(_PLAIN)
    typed = plain.translate(_TYPED)
    return tuple(dict.fromkeys((composed, plain, typed, unicodedata.normalize("NFD", composed))))
