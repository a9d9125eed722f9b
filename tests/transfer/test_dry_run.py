"""A dry run says what the run would do, looks where the run would look, and writes nothing anywhere."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.errors import WriteInDryRunError
from invoice_bridge_core.ledger.database.tables import contacts, documents, history, rejections, steps
from invoice_bridge_core.transfer.dry_run import DryRun
from invoice_bridge_core.transfer.reference import reference_data
from tests.builders import route
from tests.systems.quiddly.bodies import quiddly_route
from tests.world import World, card_payment, credit_note, customer, line, payment

if TYPE_CHECKING:
    from sandbox.sandbox import Sandbox


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


def test_the_brake_counts_what_the_dry_run_would_reject_itself(world: World) -> None:
    world.booked_before()
    world.route = route(policy={"unmapped_article": "reject", "most_rejections": 3})
    ids = [world.sandbox.qondor.add(payment(number, lines=[line("UNHEARD-OF")]))["id"] for number in range(1, 9)]
    world.select(dry_run=True)
    # A task that is tried again counts once.
    rehearsed(world, ids[0])
    foreseen = {one: rehearsed(world, one) for one in ids}
    assert Counter(one.outcome for one in foreseen.values()) == {Outcome.WOULD_REJECT: 3, Outcome.WOULD_HOLD: 5}
    assert "confirm-rejections" in foreseen[ids[-1]].message
    assert [world.run()[str(one)].message for one in ids[:1]] == [foreseen[ids[0]].message]
    assert [world.row(one).reason for one in ids] == [foreseen[one].message for one in ids]


@pytest.mark.parametrize("good_first", [True, False])
def test_a_new_route_rejects_only_after_the_booking_that_the_run_would_make(world: World, *, good_first: bool) -> None:
    world.route = route(policy={"unmapped_article": "reject"})
    good = world.sandbox.qondor.add(payment(1))["id"]
    wrong = world.sandbox.qondor.add(payment(2, lines=[line("UNHEARD-OF")]))["id"]
    world.select(dry_run=True)
    order = (good, wrong) if good_first else (wrong, good)
    foreseen = {one: rehearsed(world, one).outcome for one in order}
    expected = Outcome.WOULD_REJECT if good_first else Outcome.WOULD_HOLD
    assert foreseen == {good: Outcome.WOULD_TRANSFER, wrong: expected}
    # Another dry run begins anew.
    world.select(dry_run=True)
    assert rehearsed(world, wrong).outcome is Outcome.WOULD_HOLD


def test_of_two_documents_of_one_number_the_second_would_be_in_doubt(world: World) -> None:
    first, second = (world.sandbox.qondor.add(payment(number, invoiceNumber="T-1"))["id"] for number in (1, 2))
    world.select(dry_run=True)
    assert rehearsed(world, first).outcome is Outcome.WOULD_TRANSFER
    foreseen = rehearsed(world, second)
    assert foreseen.outcome is Outcome.WOULD_BE_IN_DOUBT
    assert foreseen.message.startswith("T-1 would be taken by then: another document of this run goes first, T-1 · ")
    assert [world.transfer(one).outcome for one in (first, second)] == [Outcome.TRANSFERRED, Outcome.IN_DOUBT]


def test_a_new_customers_contact_is_made_once(world: World) -> None:
    first, second = (world.sandbox.qondor.add(payment(number))["id"] for number in (1, 2))
    world.select(dry_run=True)
    assert "on a new contact 'Nordlys Møter 901 AS'" in rehearsed(world, first).message
    assert "on the contact 'Nordlys Møter 901 AS'" in rehearsed(world, second).message


def test_two_new_customers_with_one_number_in_quiddly(sandbox: Sandbox, ledger_url: str) -> None:
    world = World(sandbox, ledger_url, quiddly_route())
    ids = []
    for number, who in ((1, 901), (2, 902)):
        one = payment(number, currency="SEK", currencyCode=752, customer=customer(who, customerNumber="C-1"))
        ids.append(sandbox.qondor.add(one)["id"])
    world.select(dry_run=True)
    foreseen = [world.rehearse(one) for one in ids]
    assert [one.outcome for one in foreseen] == [Outcome.WOULD_TRANSFER, Outcome.WOULD_HOLD]
    assert [world.transfer(one).message for one in ids][1] == foreseen[1].message
    world.close()


def test_a_merged_contact_is_followed(world: World) -> None:
    world.transfer(world.sandbox.qondor.add(payment(1))["id"])
    [contact] = world.sandbox.xero.contacts.rows()
    into = world.sandbox.xero.add_contact(Name="Group Invoices AS")
    world.sandbox.xero.merge_contacts(contact["ContactID"], into["ContactID"])
    waiting = world.sandbox.qondor.add(payment(2))["id"]
    assert rehearsed(world, waiting).outcome is Outcome.WOULD_TRANSFER
    assert world.transfer(waiting).outcome is Outcome.TRANSFERRED
    assert world.booking(waiting).contact_id == into["ContactID"]
    world.sandbox.xero.contacts.change(into["ContactID"], ContactStatus="ARCHIVED")
    waiting = world.sandbox.qondor.add(payment(3))["id"]
    foreseen = rehearsed(world, waiting)
    assert foreseen.outcome is Outcome.WOULD_HOLD
    assert world.transfer(waiting).message == foreseen.message


def test_what_an_earlier_run_rejected_is_told_as_that(world: World) -> None:
    world.booked_before()
    wrong = world.sandbox.qondor.add(payment(1, customer=None))["id"]
    assert world.transfer(wrong).outcome is Outcome.REJECTED
    told = rehearsed(world, wrong)
    assert (told.outcome, told.message.partition(": ")[0]) == (Outcome.REJECTED, "by an earlier run")


def test_what_was_rejected_and_is_offered_again_would_be_rejected_again(world: World) -> None:
    world.booked_before()
    wrong = world.sandbox.qondor.add(payment(1, customer=None))["id"]
    world.transfer(wrong)
    world.sandbox.qondor.administrator.set_back(wrong, despite_rules=True)
    world.select(dry_run=True)
    assert rehearsed(world, wrong).outcome is Outcome.WOULD_REJECT
    assert world.run()[str(wrong)].outcome is Outcome.REJECTED


def test_a_system_that_cannot_refuse_writes_is_not_asked_for_any(world: World) -> None:
    world.sandbox.fault("refuse", system="xero", method="PUT", path="*Payments*", count=1)
    card = world.sandbox.qondor.add(card_payment(1))["id"]
    world.run()
    session = world.session()
    dry_run = DryRun(session, world.run_key)
    world.sandbox.traffic.reset()
    for system in (session.source, session.finance):
        system.observations.is_read_only = system.observations.heeds_read_only = False
    assert dry_run.rehearse(world.ref(card)).outcome is Outcome.WOULD_TRANSFER
    assert world.calls("xero", "PUT", "POST") == world.calls("qondor", "PUT", "POST") == []


def test_a_write_that_nobody_thought_of_is_not_sent(world: World) -> None:
    waiting = world.sandbox.qondor.add(payment(1))["id"]
    session = world.session()
    DryRun(session, world.run_key)
    document = session.source.read(str(waiting))
    world.sandbox.traffic.reset()
    with pytest.raises(WriteInDryRunError, match="A dry run writes nothing"):
        session.finance.bookings.create(
            document, "contact", reference_data(session.finance, world.ledger, world.run_key), idempotency_key="key"
        )
    assert session.source.rejections is not None
    with pytest.raises(WriteInDryRunError, match="A dry run writes nothing"):
        session.source.rejections.report_rejected(document, "wrong")
    assert world.calls("xero", "PUT", "POST") == world.calls("qondor", "PUT", "POST") == []


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
            for table in (documents, history, steps, contacts, rejections)
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
