"""What is already in Xero when the route runs for the first time: contacts in every state, and a few invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.xero.chart import stable_id

if TYPE_CHECKING:
    from sandbox.demo.customers import Register
    from sandbox.scene import Scene
    from sandbox.store import Row

_STRANGERS = 24


def write_past(scene: Scene, register: Register, taken: Row) -> None:
    """Contacts of some customers, contacts of strangers, and an invoice that holds the number of a waiting payment."""
    special = register.special
    contact(scene, special["spelled"]["name"], TaxNumber="NO 987 654 321 MVA", EmailAddress="gammel@bryggen.example")
    contact(scene, special["quoted"]["name"], TaxNumber=special["quoted"]["organisationNumber"])
    contact(scene, "Lysekil Resor (Xero)", EmailAddress=special["by_email"]["invoiceEmail"].lower())
    contact(scene, "Kraftverk Norge", TaxNumber=special["several"]["organisationNumber"])
    contact(scene, "Kraftverk Norge, kantine", TaxNumber=special["several"]["organisationNumber"])
    archived = special["archived"]
    contact(scene, archived["name"], TaxNumber=archived["organisationNumber"], ContactStatus="ARCHIVED")
    contact(
        scene, "Ragnhild Tveit", EmailAddress="Ragnhild.Tveit@People.example", FirstName="Ragnhild", LastName="Tveit"
    )
    for customer in register.ordinary[:6]:
        contact(
            scene, customer["name"], TaxNumber=customer["organisationNumber"], EmailAddress=customer["invoiceEmail"]
        )
    for number in range(_STRANGERS):
        contact(scene, f"Stranger {number + 1} Ltd", EmailAddress=f"accounts{number}@stranger.example")
    stranger = contact(scene, "Someone Else AS", TaxNumber="899999999")
    invoice(scene, stranger, taken["invoiceNumber"], "1800.00")
    invoice(scene, stranger, "INV-0815", "640.00")


def contact(scene: Scene, name: str, **fields: Any) -> Row:
    """A contact that somebody made in Xero."""
    row = {
        "ContactID": stable_id("contact", name),
        "ContactStatus": "ACTIVE",
        "Name": name,
        "Addresses": [],
        "Phones": [],
        **fields,
    }
    return scene.add("xero", "contacts", row)


def invoice(scene: Scene, whose: Row, number: str, amount: str) -> None:
    """An invoice that somebody booked in Xero by hand."""
    line = {"Description": "Booked by hand", "Quantity": 1, "UnitAmount": amount, "AccountCode": "200"}
    scene.add(
        "xero",
        "invoices",
        {
            "SeededID": stable_id("invoice", number),
            "Type": "ACCREC",
            "InvoiceNumber": number,
            "Contact": {"ContactID": whose["ContactID"]},
            "Date": "2026-10-05",
            "DueDate": "2026-11-04",
            "Status": "AUTHORISED",
            "CurrencyCode": "NOK",
            "LineItems": [line],
        },
    )
