"""A dry run says what the run would do, looks where the run would look, and writes nothing anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.ledger.database.tables import contacts, documents, history, steps
from tests.world import card_payment, credit_note, customer, line, payment

if TYPE_CHECKING:
    from tests.world import World


def test_a_number_that_another_document_has_is_no_promise(world: World) -> None:
    somebodys(world, "T-1")
    waiting = world.sandbox.qondor.add(payment(1))
    foreseen = rehearsed(world, waiting["id"])
    assert (foreseen.outcome, "not what was sent" in foreseen.message) == (Outcome.WOULD_BE_IN_DOUBT, True)
    assert world.transfer(waiting["id"]).outcome is Outcome.IN_DOUBT
    assert rehearsed(world, waiting["id"]).outcome is Outcome.WOULD_BE_IN_DOUBT


def test_a_document_whose_create_was_lost_would_be_adopted(world: World) -> None:
    waiting = world.sandbox.qondor.add(payment(1))
    world.sandbox.fault("close", when="after", system="xero", method="PUT", path="*Invoices*", nth=1)
    world.run()
    world.let_arrive()
    foreseen = rehearsed(world, waiting["id"])
    assert foreseen.outcome is Outcome.WOULD_TRANSFER
    assert foreseen.message == "found in finance as T-1 over 10 000.00 NOK: it would be adopted and reported"


def test_the_amount_the_currency_and_the_contact_are_shown(world: World) -> None:
    waiting = world.sandbox.qondor.add(payment(1))
    foreseen = rehearsed(world, waiting["id"])
    assert foreseen.message == "10 000.00 NOK as T-1, on a new contact 'Nordlys Møter 901 AS'"
    assert (str(foreseen.total), foreseen.currency) == ("10000", "NOK")
    world.transfer(waiting["id"])
    assert rehearsed(world, waiting["id"]).outcome is Outcome.ALREADY_TRANSFERRED
    second = world.sandbox.qondor.add(payment(2))
    assert "on the contact 'Nordlys Møter 901 AS'" in rehearsed(world, second["id"]).message


def test_a_contact_that_was_archived_since_would_hold_it(world: World) -> None:
    world.transfer(world.sandbox.qondor.add(payment(1))["id"])
    [contact] = world.sandbox.xero.contacts.rows()
    world.sandbox.xero.contacts.change(contact["ContactID"], ContactStatus="ARCHIVED")
    waiting = world.sandbox.qondor.add(payment(2))
    foreseen = rehearsed(world, waiting["id"])
    assert (foreseen.outcome, "archived" in foreseen.message) == (Outcome.WOULD_HOLD, True)
    assert world.transfer(waiting["id"]).message == foreseen.message


def test_a_credit_note_follows_the_invoice_of_its_run(world: World) -> None:
    invoice = payment(1)
    world.sandbox.qondor.add(invoice)
    note = world.sandbox.qondor.add(credit_note(2, invoice))
    world.select(dry_run=True)
    assert rehearsed(world, note["id"]).outcome is Outcome.WOULD_TRANSFER
    world.sandbox.qondor.payments.change(invoice["id"], lines=[line("OLD")])
    world.select(dry_run=True)
    assert rehearsed(world, note["id"]).outcome is Outcome.WOULD_HOLD


def test_a_credit_note_waits_for_an_invoice_that_its_run_leaves(world: World) -> None:
    invoice = payment(1)
    world.sandbox.qondor.add(invoice)
    note = world.sandbox.qondor.add(credit_note(2, invoice))
    world.select(dry_run=True, only=["T-2"])
    assert rehearsed(world, note["id"]).outcome is Outcome.WOULD_HOLD


def test_a_changed_customer_is_not_changed_by_looking(world: World) -> None:
    world.transfer(world.sandbox.qondor.add(payment(1))["id"])
    waiting = world.sandbox.qondor.add(payment(2, customer=customer(phoneNumber="+4799999999")))
    assert rehearsed(world, waiting["id"]).outcome is Outcome.WOULD_TRANSFER
    card = world.sandbox.qondor.add(card_payment(3))
    assert rehearsed(world, card["id"]).outcome is Outcome.WOULD_TRANSFER


def rehearsed(world: World, source_id: object) -> Any:
    """The dry run of one document, after which both sides and the ledger hold what they held."""
    before = held_by(world)
    world.sandbox.traffic.reset()
    result = world.rehearse(source_id)
    assert held_by(world) == before
    assert not [*world.calls("qondor", "PUT", "POST"), *world.calls("xero", "PUT", "POST", "DELETE")]
    return result


def held_by(world: World) -> Any:
    """What the ledger holds of documents and contacts."""
    with world.ledger.transaction() as connection:
        return [
            connection.execute(sa.select(table).order_by(*table.primary_key)).all()
            for table in (documents, history, steps, contacts)
        ]


def somebodys(world: World, number: str) -> None:
    """An invoice that a bookkeeper made."""
    contact = world.sandbox.xero.add_contact(Name="Somebody else")
    world.sandbox.xero.add_invoice(
        Type="ACCREC",
        InvoiceNumber=number,
        Contact={"ContactID": contact["ContactID"]},
        Status="AUTHORISED",
        Date="2026-11-01",
        DueDate="2026-12-01",
        CurrencyCode="NOK",
        LineItems=[{"Description": "x", "Quantity": 1, "UnitAmount": 5, "AccountCode": "200"}],
    )
