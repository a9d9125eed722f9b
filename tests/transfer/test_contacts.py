"""Whose contact a document is booked on, whatever two customers share and whatever happened to the create."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import TransientError
from tests.world import customer, payment

if TYPE_CHECKING:
    from tests.world import World

CONTACTS: dict[str, Any] = {"system": "xero", "method": "PUT", "path": "*Contacts", "nth": 1}


def keys_sent(world: World) -> list[str]:
    return [entry.headers["idempotency-key"] for entry in world.calls("xero", "PUT") if "Contacts" in entry.path]


def test_two_companies_with_one_address_for_invoices_are_two_contacts(world: World) -> None:
    for number in (1, 2):
        buyer = customer(900 + number, invoiceEmail="invoices@group.example")
        world.sandbox.qondor.add(payment(number, customer=buyer))
    world.run()
    contacts = {row["ContactID"]: row for row in world.sandbox.xero.contacts.rows()}
    booked = {row["InvoiceNumber"]: contacts[row["ContactID"]] for row in world.sandbox.xero.invoices.rows()}
    assert {number: (contact["Name"], contact["TaxNumber"]) for number, contact in booked.items()} == {
        "T-1": ("Nordlys Møter 901 AS", "NO987650901MVA"),
        "T-2": ("Nordlys Møter 902 AS", "NO987650902MVA"),
    }
    assert {contact["EmailAddress"] for contact in contacts.values()} == {"invoices@group.example"}


def test_two_customers_without_id_and_with_one_customer_number_are_two_contacts(world: World) -> None:
    unknown = {"id": None, "customerNumber": "7", "organisationNumber": None, "vatNumber": None}
    for number in (1, 2):
        world.sandbox.qondor.add(payment(number, customer=customer(900 + number, **unknown)))
    world.run()
    contacts = {row["ContactID"]: row["Name"] for row in world.sandbox.xero.contacts.rows()}
    booked = {row["InvoiceNumber"]: contacts[row["ContactID"]] for row in world.sandbox.xero.invoices.rows()}
    assert booked == {"T-1": "Nordlys Møter 901 AS", "T-2": "Nordlys Møter 902 AS"}


@pytest.mark.parametrize("kind", ["close", "error"])
@pytest.mark.parametrize("changes", [{}, {"name": "Nordlys Konferanse AS"}], ids=["same", "renamed"])
def test_a_contact_that_was_not_made_is_looked_for_and_sent_anew(
    world: World, kind: str, changes: dict[str, Any]
) -> None:
    waiting = world.sandbox.qondor.add(payment(1))
    world.sandbox.fault(kind, **CONTACTS)
    with pytest.raises(TransientError):
        world.transfer(waiting["id"])
    world.sandbox.qondor.add({**waiting, "customer": customer(**changes)})
    assert world.transfer(waiting["id"]).outcome is Outcome.TRANSFERRED
    [contact] = world.sandbox.xero.contacts.rows()
    assert contact["Name"] == changes.get("name", "Nordlys Møter 901 AS")
    assert len(set(keys_sent(world))) == 2
    assert world.row(waiting["id"]).state is DocumentState.TRANSFERRED


def test_a_name_that_was_taken_meanwhile_does_not_hold_the_document(world: World) -> None:
    first, second = (world.sandbox.qondor.add(payment(n, customer=customer(900 + n, name="Nordlys"))) for n in (1, 2))
    world.sandbox.fault("error", **CONTACTS)
    with pytest.raises(TransientError):
        world.transfer(first["id"])
    assert world.transfer(second["id"]).outcome is Outcome.TRANSFERRED
    assert world.transfer(first["id"]).outcome is Outcome.TRANSFERRED
    assert sorted(row["Name"] for row in world.sandbox.xero.contacts.rows()) == ["Nordlys", "Nordlys (C-901)"]
