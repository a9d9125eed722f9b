"""Credit notes whose invoice was booked elsewhere: by hand, or in another organisation."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.ledger.database.tables import documents
from tests.builders import route
from tests.world import credit_note, payment

if TYPE_CHECKING:
    from tests.world import World


def in_another_organisation(world: World, source_id: object) -> None:
    with world.ledger.transaction() as connection:
        moved = sa.update(documents).where(documents.c.source_id == str(source_id)).values(finance_conn="xero_old")
        connection.execute(moved)


def test_a_credit_note_finds_an_invoice_that_the_queue_knows_and_a_person_booked(world: World) -> None:
    old = payment(2, invoiceDate="2026-09-20")
    world.route = route(source={"start_date": dt.date(2026, 10, 1)})
    world.sandbox.qondor.add(old)
    note = world.sandbox.qondor.add(credit_note(1, old))
    contact = world.sandbox.xero.add_contact(Name="By hand", TaxNumber=old["customer"]["organisationNumber"])
    by_hand = world.sandbox.xero.add_invoice(
        Type="ACCREC",
        InvoiceNumber="T-2",
        Contact={"ContactID": contact["ContactID"]},
        Status="AUTHORISED",
        Date="2026-09-20",
        DueDate="2026-10-20",
        CurrencyCode="NOK",
        LineItems=[{"Description": "x", "Quantity": 1, "UnitAmount": 8000, "AccountCode": "200"}],
    )
    [moved] = world.run().values()
    assert (moved.outcome, moved.message) == (Outcome.TRANSFERRED, "")
    [booked] = world.sandbox.xero.invoices.rows()
    assert (booked["InvoiceID"], booked["AmountDue"]) == (by_hand["InvoiceID"], 0)
    assert world.row(note["id"]).state is DocumentState.TRANSFERRED


def test_a_credit_note_of_an_invoice_in_another_organisation_is_not_booked_here(world: World) -> None:
    invoice = payment(2)
    world.sandbox.qondor.add(invoice)
    world.run()
    in_another_organisation(world, invoice["id"])
    world.sandbox.qondor.add(credit_note(1, invoice))
    [held] = world.run().values()
    assert held.outcome is Outcome.HELD
    assert "booked as T-2 through connection xero_old" in held.message
    assert world.sandbox.xero.credit_notes.rows() == []


def test_a_booking_in_another_organisation_is_not_finished_here(world: World) -> None:
    waiting = world.sandbox.qondor.add(payment(1))
    world.sandbox.fault("error", system="qondor", method="PUT", when="before", nth=1)
    world.run()
    in_another_organisation(world, waiting["id"])
    world.sandbox.traffic.reset()
    [held] = world.run().values()
    assert held.outcome is Outcome.HELD
    assert (
        "is booked as T-1 through connection xero_old, but route qondor_xero books through xero_default" in held.message
    )
    assert world.calls("qondor", "PUT") == []


def test_a_credit_note_waits_while_only_a_strangers_invoice_has_the_number(world: World) -> None:
    note = world.sandbox.qondor.add(credit_note(1, payment(2)))
    contact = world.sandbox.xero.add_contact(Name="Somebody else")
    stranger = world.sandbox.xero.add_invoice(
        Type="ACCREC",
        InvoiceNumber="T-2",
        Contact={"ContactID": contact["ContactID"]},
        Status="AUTHORISED",
        Reference="ixpole:ixpole_default:INST-1",
        Date="2026-09-20",
        DueDate="2026-10-20",
        CurrencyCode="NOK",
        LineItems=[{"Description": "x", "Quantity": 1, "UnitAmount": 8000, "AccountCode": "200"}],
    )
    [held] = world.run().values()
    assert held.outcome is Outcome.HELD
    assert "Waits for its invoice T-2" in held.message
    assert world.sandbox.xero.credit_notes.rows() == []
    [untouched] = world.sandbox.xero.invoices.rows()
    assert (untouched["InvoiceID"], untouched["AmountDue"]) == (stranger["InvoiceID"], stranger["AmountDue"])
    assert world.sandbox.qondor.payments[note["id"]]["statusText"] == "Unprocessed"


def test_a_credit_note_that_names_a_credit_note_is_held_and_says_so(world: World) -> None:
    invoice = payment(1)
    first = credit_note(2, invoice)
    for each in (invoice, first, credit_note(3, first)):
        world.sandbox.qondor.add(each)
    ended = world.run()
    assert ended["50002"].outcome is Outcome.TRANSFERRED
    assert (ended["50003"].outcome, ended["50003"].message) == (
        Outcome.HELD,
        "Credit note T-3 names T-2 as the invoice that it credits, but that is a credit note too. "
        "It has to name the invoice",
    )
    # It may look once more, since what it names went its way after it was looked at.
    world.run()
    world.sandbox.traffic.reset()
    assert (world.run(), world.calls("xero", "PUT", "POST")) == ({}, [])
