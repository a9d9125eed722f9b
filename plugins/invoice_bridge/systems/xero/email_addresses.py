"""E-mail addresses of Xero's contacts: how one that is there may be written.

What Xero takes for valid is not known in all detail (contract xero.md): what is valid by the RFCs is sent, and what
Xero then refuses is left out of the contact.
"""

from __future__ import annotations

from invoice_bridge_core.documents.comparable import ascii_domain, readable_domain


def email_writings(address: str) -> tuple[str, ...]:
    """The address as given, then with its domain as DNS knows it and as people read it."""
    local, _, domain = address.rpartition("@")
    return tuple(dict.fromkeys((address, f"{local}@{ascii_domain(domain)}", f"{local}@{readable_domain(domain)}")))
