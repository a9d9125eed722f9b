"""What Qondor's registers hold besides the customers of documents: people, and customers that make trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.scene import Scene
    from sandbox.store import Row

_FIRST_ODD_ID = 3_001
_NAMES = (
    ("Kari", "Nordmann"), ("Åse", "Øverland"), ("Jürgen", "Müller"), ("Märta", "Lindström"), ("Zoë", "O'Neill"),
    ("Łukasz", "Kowalski"), ("Ola", None),
)  # fmt: skip
_PEOPLE_OF = (1, 0, 2, 1, 0)
"""How many people a customer has, by its position."""

ODD_CUSTOMERS: tuple[dict[str, Any], ...] = (
    {"name": "Tvilling Kurs AS", "customerNumber": "C-3001"},
    {"name": "Tvilling Kurs og Konferanse AS", "customerNumber": "C-3001"},
    {"name": "Avviklet Reiser AS", "isActive": False},
    {"name": "To Kontorer AS", "customerNumber": "C-3004", "organisationNumber": "923456783"},
    {"name": "To Kontorer AS", "customerNumber": "C-3004", "organisationNumber": "923456783", "officeId": 8},
    {"name": "Uten Nummer AS", "customerNumber": None, "organisationNumber": None, "vatNumber": None},
    {"name": "Gammelt System AS", "externalReference": "ERP-77"},
    {"name": "Ikke Fakturerbar AS", "isInvoiceable": False},
)
"""Two of one number, one that is inactive, one in two offices, one without any number, one that another system named
before us, and one that gets no invoices."""


def tell_odd_customers(scene: Scene) -> None:
    """Add them to the register; no document names them."""
    for position, wishes in enumerate(ODD_CUSTOMERS):
        scene.add("qondor", "customers", _odd(position) | wishes)


def with_people(customer: Row, position: int) -> Row:
    """A customer of the register with its contact persons, of whom some have no e-mail or a shared one."""
    count = _PEOPLE_OF[position % len(_PEOPLE_OF)]
    return {**customer, "contactPersons": [_person(position, number) for number in range(count)]}


def _person(position: int, number: int) -> Row:
    first, last = _NAMES[(position + number) % len(_NAMES)]
    own = f"person{position}.{number}@customer.example"
    return {
        "id": 60_001 + position * 10 + number,
        "firstName": first,
        "lastName": last,
        "email": None if position % 6 == 5 else "post@shared.example" if position % 9 == 8 else own,
        "externalReference": None,
        "phoneCountryCode": "+47" if number == 0 else None,
        "phoneNumber": f"9{position:07d}" if number == 0 else None,
    }


def _odd(position: int) -> Row:
    number = f"{830_000_000 + position * 4_567}"
    return {
        "id": _FIRST_ODD_ID + position,
        "officeId": 7,
        "customerNumber": f"C-{_FIRST_ODD_ID + position}",
        "externalReference": None,
        "name": None,
        "legalName": None,
        "organisationNumber": number,
        "vatNumber": None,
        "invoiceEmail": f"odd{position}@customer.example",
        "phoneNumber": f"+4733{position:06d}",
        "address": f"Kaia {position + 1}",
        "zipCode": "3110",
        "city": "Tønsberg",
        "country": "Norway",
        "countryCode": "NO",
        "invoiceAddressEnabled": False,
        "isActive": True,
        "isInvoiceable": True,
    }
