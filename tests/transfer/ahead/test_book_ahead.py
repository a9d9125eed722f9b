"""Booking ahead in the ordinary case: few calls, and every document's own task finds its work half done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import ConfigurationError
from tests.builders import route
from tests.transfer.ahead.batch_world import numbers_in, once, sent, states, waiting
from tests.world import card_payment, credit_note, customer, line, payment

if TYPE_CHECKING:
    from tests.world import World


def test_many_documents_are_booked_in_one_call_and_their_tasks_ask_xero_nothing(world: World) -> None:
    documents = waiting(world, 6)
    selection = world.select()
    world.sandbox.traffic.reset()
    summary = world.book_ahead(selection)
    assert (summary.booked, summary.batches, summary.left, summary.stopped) == (6, 1, 0, None)
    assert sent(world) == [[f"T-{number}" for number in range(1, 7)]]
    [call] = [entry for entry in world.calls("xero", "PUT") if entry.path.endswith("/Invoices")]
    assert call.query == "summarizeErrors=false&unitdp=4"
    assert states(world, documents) == {"booked": 6}
    assert all(world.row(each["id"]).lease_owner is None for each in documents)
    world.sandbox.traffic.reset()
    ends = world.run_tasks(selection)
    assert {end.outcome for end in ends.values()} == {Outcome.TRANSFERRED}
    assert world.calls("xero") == []
    # Read by the queue step, and finished as it was read.
    assert [entry for entry in world.calls("qondor", "GET") if "/5000" in entry.path] == []
    once(world, documents)


def test_the_history_says_that_it_was_booked_in_a_batch(world: World) -> None:
    [first, *_] = waiting(world, 3)
    world.run_ahead()
    notes = [change.note for change in world.ledger.history(world.row(first["id"]))]
    contact = world.booking(first["id"]).contact_id
    assert notes == [
        "first met",
        f"about to be booked as T-1 on contact {contact}, in batch 1 of 3",
        "booked as T-1, in batch 1 of 3",
        "reported to its source",
    ]


def test_what_belongs_to_one_document_alone_is_left_to_its_task(world: World) -> None:
    invoice, card = payment(1), card_payment(3)
    documents = [invoice, credit_note(2, invoice), card, credit_note(4, card), payment(5)]
    for each in documents:
        world.sandbox.qondor.add(each)
    selection = world.select()
    world.sandbox.traffic.reset()
    world.book_ahead(selection)
    assert sent(world, "/Invoices") == [["T-1", "T-3", "T-5"]]
    assert sent(world, "/CreditNotes") == [["T-2", "T-4"]]
    world.sandbox.traffic.reset()
    world.run_tasks(selection)
    assert sorted(entry.path.rpartition("/")[2] for entry in world.calls("xero")) == [
        "Allocations",
        "Payments",
        "Payments",
    ]
    once(world, documents)
    xero = world.sandbox.xero
    assert (len(xero.payments.rows()), len(xero.allocations.rows())) == (2, 1)


def test_a_batch_is_written_down_before_it_is_sent_and_byte_for_byte(world: World) -> None:
    waiting(world, 3)
    world.run_ahead()
    [call] = [entry for entry in world.calls("xero", "PUT") if entry.path.endswith("/Invoices")]
    batch = world.ledger.batches.found(1)
    assert batch is not None
    assert batch.body is not None
    assert (batch.state, batch.kind, len(batch.document_ids)) == ("answered", "Invoices", 3)
    assert numbers_in(batch.body) == numbers_in(call.body)
    assert call.headers["idempotency-key"] == batch.idempotency_key


def test_a_batch_is_never_larger_than_the_route_says(world: World) -> None:
    world.route = route(limits={"batch": 2})
    documents = waiting(world, 5)
    selection = world.select()
    summary = world.book_ahead(selection)
    assert sent(world) == [["T-1", "T-2"], ["T-3", "T-4"]]
    assert (summary.booked, summary.left) == (4, 1)
    world.run_tasks(selection)
    once(world, documents)


def test_one_document_is_left_to_its_own_task(world: World) -> None:
    waiting(world, 1)
    summary = world.book_ahead(world.select())
    assert (summary.batches, sent(world)) == (0, [])


def test_what_cannot_be_booked_is_left_with_its_reason_to_its_own_task(world: World) -> None:
    good = waiting(world, 2)
    wrong = world.sandbox.qondor.add(payment(8, lines=[line("NOWHERE")]))
    selection = world.select()
    world.sandbox.traffic.reset()
    world.book_ahead(selection)
    assert sent(world) == [["T-1", "T-2"]]
    row = world.row(wrong["id"])
    assert (row.state, row.lease_owner, row.intent_token) == (DocumentState.SEEN, None, None)
    ends = world.run_tasks(selection)
    assert ends[str(wrong["id"])].outcome is Outcome.HELD
    assert "NOWHERE" in ends[str(wrong["id"])].message
    once(world, good)


def test_a_member_that_xero_refuses_is_held_by_its_task_without_another_call(world: World) -> None:
    documents = waiting(world, 3)
    selection = world.select()
    archived = next(row for row in world.sandbox.xero.books.accounts.rows() if row["Code"] == "200")
    world.sandbox.xero.books.accounts.change(archived["AccountID"], Status="ARCHIVED")
    world.book_ahead(selection)
    world.sandbox.traffic.reset()
    ends = world.run_tasks(selection)
    assert {end.outcome for end in ends.values()} == {Outcome.HELD}
    assert world.calls("xero") == []
    assert all("Xero refused invoice T-" in end.message for end in ends.values())
    world.sandbox.xero.books.accounts.change(archived["AccountID"], Status="ACTIVE")
    # A task that is cleared takes the way of a single document.
    assert world.transfer(documents[0]["id"]).outcome is Outcome.TRANSFERRED
    assert sent(world) == [["T-1"]]


def test_a_document_that_another_task_works_on_is_not_touched(world: World) -> None:
    [first, *others] = waiting(world, 3)
    selection = world.select()
    claim = world.ledger.claim(world.ref(first["id"]), route="other", claimant="another run")
    assert claim is not None
    world.book_ahead(selection)
    assert sent(world) == [["T-2", "T-3"]]
    claim.release()
    world.run_tasks(selection)
    once(world, [first, *others])


def test_what_was_sent_before_is_left_to_its_own_task(world: World) -> None:
    documents = waiting(world, 4)
    world.select()
    world.sandbox.fault("close", system="xero", method="PUT", path="*Invoices", when="after", nth=1)
    with pytest.raises(Exception, match="whether it was done"):
        world.transfer(documents[0]["id"])
    world.sandbox.faults.clear()
    selection = world.select()
    world.sandbox.traffic.reset()
    world.book_ahead(selection)
    assert sent(world) == [["T-2", "T-3", "T-4"]]
    world.run_tasks(selection)
    once(world, documents)


def test_a_number_that_two_documents_have_is_never_twice_in_a_batch(world: World) -> None:
    documents = waiting(world, 2)
    twin = world.sandbox.qondor.add({**payment(3), "invoiceNumber": "T-1"})
    selection = world.select()
    world.book_ahead(selection)
    assert [sorted(numbers) for numbers in sent(world)] == [["T-1", "T-2"]]
    ends = world.run_tasks(selection)
    assert sorted(str(end.outcome) for end in ends.values()) == ["in doubt", "transferred", "transferred"]
    assert len(world.sandbox.xero.invoices.rows()) == 2
    assert {str(twin["id"]), str(documents[0]["id"])} & {
        key for key, end in ends.items() if end.outcome is Outcome.IN_DOUBT
    }


def test_the_total_that_xero_made_is_compared_before_anything_is_told(world: World) -> None:
    documents = waiting(world, 2)
    selection = world.select()
    world.book_ahead(selection)
    changed = world.ledger.row(world.ref(documents[0]["id"]))
    assert changed is not None
    with world.ledger.transaction() as connection:
        connection.exec_driver_sql(
            "UPDATE invoice_bridge.documents SET finance_total = 9000 WHERE id = %s" % changed.id  # noqa: UP031
        )
    ends = world.run_tasks(selection)
    assert ends[str(documents[0]["id"])].outcome is Outcome.HELD
    assert "but the total of T-1 is 10 000.00" in ends[str(documents[0]["id"])].message
    assert world.sandbox.qondor.payments[documents[0]["id"]]["statusText"] == "Unprocessed"


def test_thirty_new_customers_cost_a_few_calls(world: World) -> None:
    documents = [world.sandbox.qondor.add(payment(n, customer=customer(900 + n))) for n in range(1, 31)]
    world.sandbox.traffic.reset()
    selection = world.select()
    world.book_ahead(selection)
    assert len(world.sandbox.xero.contacts.rows()) == 30
    # Four for reference data, one to look, one to make them, one to book.
    assert len(world.calls("xero")) == 7
    world.sandbox.traffic.reset()
    world.run_tasks(selection)
    assert world.calls("xero") == []
    once(world, documents)


def test_the_same_new_customer_is_made_once(world: World) -> None:
    documents = waiting(world, 2)
    sister = customer(902, name="Nordlys Møter 901 AS", organisationNumber=None, vatNumber=None, invoiceEmail=None)
    documents.append(world.sandbox.qondor.add(payment(3, customer=sister)))
    selection = world.select()
    world.book_ahead(selection)
    assert sent(world) == [["T-1", "T-2"]]
    [made] = [entry for entry in world.calls("xero", "PUT") if entry.path.endswith("/Contacts")]
    assert len(made.body["Contacts"] if isinstance(made.body, dict) else made.body) >= 1
    world.run_tasks(selection)
    once(world, documents)


def test_a_dead_batch_task_is_taken_over_by_the_documents_own_tasks(world: World) -> None:
    documents = waiting(world, 2)
    selection = world.select()
    refs = {str(each["id"]): f"test/{each['id']}" for each in documents}
    claims = world.ledger.batches.take(
        "qondor", world.route.source.conn_id, refs, route="x", finance_conn=world.route.finance.conn_id, seconds=300
    )
    assert len(claims) == 2
    ends = world.run_tasks(selection)
    assert {end.outcome for end in ends.values()} == {Outcome.TRANSFERRED}
    once(world, documents)


def test_a_lease_that_a_batch_outlasts_is_a_wrong_setting(world: World) -> None:
    waiting(world, 2)
    with pytest.raises(ConfigurationError, match=r"lasts 120 seconds, but a batch of Xero may take 125 seconds"):
        world.book_ahead(world.select(), lease_seconds=120)
    assert sent(world) == []


def test_a_task_that_is_tried_again_looks_whether_the_booking_still_stands(world: World) -> None:
    [document, _] = waiting(world, 2)
    selection = world.select()
    world.book_ahead(selection)
    world.sandbox.fault("error", system="qondor", method="PUT", nth=1)
    with pytest.raises(Exception, match="500"):
        world.transfer(document["id"])
    world.sandbox.faults.clear()
    [invoice] = [row for row in world.sandbox.xero.invoices.rows() if row["InvoiceNumber"] == "T-1"]
    world.sandbox.xero.invoices.change(invoice["InvoiceID"], Status="VOIDED")
    result = world.transfer(document["id"])
    assert result.outcome is Outcome.HELD
    assert "was voided in Xero" in result.message
