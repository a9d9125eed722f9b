"""What is already in Xero when the route runs for the first time: contacts in every state, and a few invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from include.sandbox.xero.chart import stable_id

if TYPE_CHECKING:
    from include.sandbox.demo.customers import Register
    from include.sandbox.demo.scene import Scene
    from include.sandbox.store import Row

_STRANGERS = 24


def write_past(scene: Scene, register: Register, taken: Row) -> None:
    """Contacts of some customers, contacts of strangers, and an invoice that holds the number of a waiting payment."""
    special = register.special
    _contact(scene, special["spelled"]["name"], TaxNumber="NO 987 654 321 MVA", EmailAddress="gammel@bryggen.example")
    _contact(scene, special["quoted"]["name"], TaxNumber=special["quoted"]["organisationNumber"])
    _contact(scene, "Lysekil Resor (Xero)", EmailAddress=special["by_email"]["invoiceEmail"].lower())
    _contact(scene, "Kraftverk Norge", TaxNumber=special["several"]["organisationNumber"])
    _contact(scene, "Kraftverk Norge, kantine", TaxNumber=special["several"]["organisationNumber"])
    archived = special["archived"]
    _contact(scene, archived["name"], TaxNumber=archived["organisationNumber"], ContactStatus="ARCHIVED")
    _contact(
        scene, "Ragnhild Tveit", EmailAddress="Ragnhild.Tveit@People.example", FirstName="Ragnhild", LastName="Tveit"
    )
    for customer in register.ordinary[:6]:
        _contact(
            scene, customer["name"], TaxNumber=customer["organisationNumber"], EmailAddress=customer["invoiceEmail"]
        )
    for number in range(_STRANGERS):
        _contact(scene, f"Stranger {number + 1} Ltd", EmailAddress=f"accounts{number}@stranger.example")
    stranger = _contact(scene, "Someone Else AS", TaxNumber="899999999")
    _invoice(scene, stranger, taken["invoiceNumber"], "1800.00")
    _invoice(scene, stranger, "INV-0815", "640.00")


def _contact(scene: Scene, name: str, **fields: Any) -> Row:
    row = {
        "ContactID": stable_id("contact", name),
        "ContactStatus": "ACTIVE",
        "Name": name,
        "Addresses": [],
        "Phones": [],
        **fields,
    }
    return scene.add("xero", "contacts", row)


def _invoice(scene: Scene, contact: Row, number: str, amount: str) -> None:
    line = {"Description": "Booked by hand", "Quantity": 1, "UnitAmount": amount, "AccountCode": "200"}
    scene.add(
        "xero",
        "invoices",
        {
            "SeededID": stable_id("invoice", number),
            "Type": "ACCREC",
            "InvoiceNumber": number,
            "Contact": {"ContactID": contact["ContactID"]},
            "Date": "2026-10-05",
            "DueDate": "2026-11-04",
            "Status": "AUTHORISED",
            "CurrencyCode": "NOK",
            "LineItems": [line],
        },
    )
