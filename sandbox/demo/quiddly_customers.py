"""Customers of office 9, whose invoices go through Quiddly: what it demands of a debtor, and what some lack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.store import Row

_FIRST_ID = 2_001

WISHES: dict[str, dict[str, Any]] = {
    "ordinary": {"name": "Malmö Mässan Drift AB"},
    "second": {"name": "Öresund Event & Möten AB", "vatNumber": None},
    "norwegian": {
        "name": "Halden Seilmakeri AS", "countryCode": "NO", "country": "Norway", "city": "Halden", "zipCode": "1771",
        "organisationNumber": "921555010", "vatNumber": "NO921555010MVA",
    },
    "german": {
        "name": "Küstenreisen GmbH", "countryCode": "DE", "country": "Germany", "city": "Rostock", "zipCode": "18055",
        "organisationNumber": None, "vatNumber": "DE811555020",
    },
    "elsewhere": {
        "name": "Skånska Boxen AB", "invoiceAddressEnabled": True, "invoiceAddress": "Box 90210",
        "invoiceZipCode": "201 20", "invoiceCity": "Malmö", "invoiceCountryCode": "SE",
    },
    "numberless": {"name": "Föreningen Ljus", "customerNumber": None, "organisationNumber": None, "vatNumber": None},
    "two_lines": {"name": "Lunds Kursgård AB", "address2": "Uppgång C, våning 4"},
    "without_email": {"name": "Brevduvan AB", "invoiceEmail": None},
    "bad_email": {"name": "Snabel AB", "invoiceEmail": "faktura, Snabel"},
    "without_zip": {"name": "Ystad Utan Postnummer AB", "zipCode": None, "city": None},
    "nowhere": {"name": "Atlantis Travel", "countryCode": "XX", "country": "Atlantis"},
}  # fmt: skip
"""Customers by key; a value replaces the ordinary one."""

BOOKER = {
    "firstName": "Åsa",
    "lastName": "Lindgren",
    "email": "asa.lindgren@people.example",
    "phoneNumber": "+46701234567",
}
"""A person, of whom Qondor knows no address."""


def office_9_customers() -> dict[str, Row]:
    """The customers by key, as Qondor writes them into a payment."""
    return {key: _customer(position, wishes) for position, (key, wishes) in enumerate(WISHES.items())}


def _customer(position: int, wishes: dict[str, Any]) -> Row:
    number = f"5590{position:02d}4321"
    ordinary: Row = {
        "id": _FIRST_ID + position,
        "customerNumber": f"C-{_FIRST_ID + position}",
        "externalReference": None,
        "name": None,
        "legalName": wishes["name"],
        "organisationNumber": number,
        "vatNumber": f"SE{number}01",
        "invoiceEmail": f"faktura{position}@kund.example",
        "phoneNumber": f"+4640{position:06d}",
        "address": f"Hamngatan {position + 1}",
        "address2": None,
        "zipCode": "211 22",
        "city": "Malmö",
        "country": "Sweden",
        "countryCode": "SE",
        "invoiceAddressEnabled": False,
        "invoiceAddress": None,
        "invoiceAddress2": None,
        "invoiceZipCode": None,
        "invoiceCity": None,
        "invoiceCountryCode": None,
    }
    return ordinary | wishes
