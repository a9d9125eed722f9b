"""What both sides hold after a document was moved, and what it cost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import HeldError
from invoice_bridge_core.transfer.credit_notes import credited_booking
from tests.world import card_payment, credit_note, customer, line, payment

if TYPE_CHECKING:
    from tests.world import World


def test_an_invoice_is_booked_reported_and_noted(world: World) -> None:
    waiting = world.sandbox.qondor.add(payment(1))
    result = world.transfer(waiting["id"])

    [invoice] = world.sandbox.xero.invoices.rows()
    assert result.outcome is Outcome.TRANSFERRED
    assert (invoice["InvoiceNumber"], invoice["Total"], invoice["Status"]) == ("T-1", 10000, "AUTHORISED")
    told = world.sandbox.qondor.payments[waiting["id"]]
    assert (told["statusText"], told["externalReference"]) == ("Processed", invoice["InvoiceID"])
    assert world.row(waiting["id"]).state is DocumentState.TRANSFERRED
    assert invoice["InvoiceID"] in str(result.link)


def test_totals_that_may_be_rounded_are_held_and_their_author_is_told_nothing(world: World) -> None:
    amounts = {"unitPriceExclVat": "0.99", "totalExclVat": "0.99", "vatAmount": "0.25", "totalInclVat": "1.24"}
    exact: dict[str, Any] = {name: Decimal(amount) for name, amount in amounts.items()}
    lines = [line(**exact) for _ in range(10)]
    totals = {"totalExclVat": Decimal("9.90"), "vatAmount": Decimal("2.48"), "totalInclVat": Decimal("12.38")}
    waiting = world.sandbox.qondor.add(payment(1, lines=lines, **totals))

    result = world.transfer(waiting["id"])
    assert result.outcome is Outcome.HELD
    assert "the document says 12.38" in result.message
    assert "policy.total_tolerance" in result.message
    assert [entry.method for entry in world.calls("qondor")] == ["GET"]
    assert world.row(waiting["id"]).state is DocumentState.HELD


def test_a_second_attempt_makes_no_call_at_all(world: World) -> None:
    waiting = world.sandbox.qondor.add(payment(1))
    world.transfer(waiting["id"])
    world.sandbox.traffic.reset()

    assert world.transfer(waiting["id"]).outcome is Outcome.ALREADY_TRANSFERRED
    assert world.calls("xero") == world.calls("qondor") == []


def test_a_known_customers_document_costs_one_call_of_xero_and_a_new_ones_at_most_four(world: World) -> None:
    first, second = (world.sandbox.qondor.add(payment(number)) for number in (1, 2))
    world.select()
    world.sandbox.traffic.reset()
    world.transfer(first["id"])
    assert len(world.calls("xero")) <= 4
    world.sandbox.traffic.reset()
    world.transfer(second["id"])
    assert [entry.method for entry in world.calls("xero")] == ["PUT"]


def test_reference_data_is_read_once_per_run(world: World) -> None:
    for number in range(5):
        world.sandbox.qondor.add(payment(number, customer=customer(number)))
    world.run()
    read = [entry.path.rsplit("/", 1)[-1] for entry in world.calls("xero", "GET") if "Contacts" not in entry.path]
    assert len(read) == len(set(read)) <= 5


def test_a_card_payment_is_paid_at_once_also_when_the_route_makes_drafts(world: World) -> None:
    world.route = world.route.model_copy(
        update={"finance": world.route.finance.model_copy(update={"invoice_status": "DRAFT"})}
    )
    card, invoice = world.sandbox.qondor.add(card_payment(1)), world.sandbox.qondor.add(payment(2))
    world.run()
    statuses = {row["InvoiceNumber"]: row["Status"] for row in world.sandbox.xero.invoices.rows()}
    assert statuses == {"T-1": "PAID", "T-2": "DRAFT"}
    [paid] = world.sandbox.xero.payments.rows()
    assert (paid["Amount"], world.row(card["id"]).state) == (10000, DocumentState.TRANSFERRED)
    assert world.row(invoice["id"]).state is DocumentState.TRANSFERRED


def test_a_credit_note_follows_its_invoice_and_closes_it(world: World) -> None:
    invoice = payment(2)
    note = world.sandbox.qondor.add(credit_note(1, invoice))
    world.sandbox.qondor.add(invoice)
    world.run()
    [booked] = world.sandbox.xero.invoices.rows()
    [credited] = world.sandbox.xero.credit_notes.rows()
    assert (booked["AmountDue"], credited["Total"], credited["RemainingCredit"]) == (0, 10000, 0)
    assert world.row(note["id"]).state is DocumentState.TRANSFERRED


def test_a_credit_note_waits_for_its_invoice_and_goes_when_it_has_come(world: World) -> None:
    invoice = payment(2)
    note = world.sandbox.qondor.add(credit_note(1, invoice))
    [held] = world.run().values()
    assert held.outcome is Outcome.HELD
    assert "Waits for its invoice T-2" in held.message
    assert world.run() == {}

    world.sandbox.qondor.add(invoice)
    world.run_until_quiet()
    assert world.row(note["id"]).state is DocumentState.TRANSFERRED


def test_a_credit_note_whose_invoice_is_booked_while_it_is_being_held_goes_in_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = payment(2)
    note, waiting = world.sandbox.qondor.add(credit_note(1, invoice)), world.sandbox.qondor.add(invoice)
    world.select()

    def overtaken(*asked: Any) -> Any:
        try:
            return credited_booking(*asked)
        except HeldError:
            assert world.transfer(waiting["id"], claimant="another run").outcome is Outcome.TRANSFERRED
            raise

    with monkeypatch.context() as patched:
        patched.setattr("invoice_bridge_core.transfer.transfer.credited_booking", overtaken)
        assert world.transfer(note["id"]).outcome is Outcome.HELD
    [moved] = world.run().values()
    assert (moved.outcome, world.row(note["id"]).state) == (Outcome.TRANSFERRED, DocumentState.TRANSFERRED)


def test_a_refunded_card_payment_is_cleared_by_a_refund(world: World) -> None:
    card = card_payment(1)
    world.sandbox.qondor.add(card)
    world.sandbox.qondor.add(credit_note(2, card))
    world.run()
    [credited] = world.sandbox.xero.credit_notes.rows()
    assert (credited["Status"], credited["RemainingCredit"]) == ("PAID", 0)
    assert len(world.sandbox.xero.payments.rows()) == 2
    assert world.sandbox.xero.allocations.rows() == []


def test_a_wrong_document_is_rejected_once_with_all_problems(world: World) -> None:
    world.booked_before()
    wrong = world.sandbox.qondor.add(payment(1, customer=None, dueDate="2026-10-01"))
    assert world.transfer(wrong["id"]).outcome is Outcome.REJECTED
    told = world.sandbox.qondor.payments[wrong["id"]]
    assert told["statusText"] == "Failed"
    assert "Customer is missing: invoice T-1 has neither a customer nor a booker" in told["failureMessage"]
    assert "Due date 2026-10-01 is before the invoice date" in told["failureMessage"]

    world.sandbox.traffic.reset()
    assert world.transfer(wrong["id"]).outcome is Outcome.REJECTED
    assert world.calls("qondor") == world.calls("xero") == []


def test_a_card_payment_is_held_where_an_invoice_would_be_rejected(world: World) -> None:
    world.booked_before()
    card = world.sandbox.qondor.add(card_payment(1, customer=None))
    assert world.transfer(card["id"]).outcome is Outcome.HELD
    assert world.sandbox.qondor.payments[card["id"]]["statusText"] == "Unprocessed"
    assert world.sandbox.xero.invoices.rows() == []


def test_a_held_document_goes_when_the_mapping_is_mended_and_not_before(world: World) -> None:
    waiting = world.sandbox.qondor.add(payment(1, lines=[line("OLD")]))
    assert [result.outcome for result in world.run().values()] == [Outcome.HELD]
    world.sandbox.traffic.reset()
    assert world.run() == {}
    assert world.calls("qondor", "GET") == world.calls("qondor")
    assert len(world.calls("qondor")) == 1

    world.route = world.route.with_account_codes({"OLD": "200"})
    assert [result.outcome for result in world.run().values()] == [Outcome.TRANSFERRED]
    assert world.row(waiting["id"]).state is DocumentState.TRANSFERRED


def test_somebody_elses_invoice_of_that_number_leaves_the_document_in_doubt(world: World) -> None:
    contact = world.sandbox.xero.add_contact(Name="Somebody else")
    world.sandbox.xero.add_invoice(
        Type="ACCREC",
        InvoiceNumber="T-1",
        Contact={"ContactID": contact["ContactID"]},
        Status="AUTHORISED",
        Date="2026-11-01",
        DueDate="2026-12-01",
        CurrencyCode="NOK",
        LineItems=[{"Description": "x", "Quantity": 1, "UnitAmount": 5, "AccountCode": "200"}],
    )
    waiting = world.sandbox.qondor.add(payment(1))
    assert [result.outcome for result in world.run().values()] == [Outcome.IN_DOUBT]
    assert world.transfer(waiting["id"]).outcome is Outcome.IN_DOUBT
    assert len(world.sandbox.xero.invoices.rows()) == 1
    assert world.sandbox.qondor.payments[waiting["id"]]["statusText"] == "Unprocessed"
    assert world.run() == {}


def test_documents_of_other_offices_are_left_untouched_and_read_once(world: World) -> None:
    world.route = world.route.model_copy(update={"source": world.route.source.model_copy(update={"offices": ("7",)})})
    world.sandbox.qondor.add(payment(1, officeId=10))
    assert world.select().left == {"other offices or projects": 1}
    world.sandbox.traffic.reset()
    assert world.select().left == {"other offices or projects": 1}
    assert len(world.calls("qondor")) == 1
    assert world.calls("xero") == []


def test_a_dry_run_writes_nothing_anywhere(world: World) -> None:
    invoice = payment(1)
    waiting = world.sandbox.qondor.add(invoice)
    world.sandbox.traffic.reset()
    selection = world.select(dry_run=True)
    result = world.rehearse(waiting["id"])
    assert [facts.number for facts in selection.invoices] == ["T-1"]
    assert result.outcome is Outcome.WOULD_TRANSFER
    assert '"InvoiceNumber": "T-1"' in str(result.payload)
    assert world.calls("qondor", "PUT", "POST") == world.calls("xero", "PUT", "POST") == []
    assert world.ledger.outcomes() == []


def test_a_dry_run_says_that_a_credit_note_would_wait(world: World) -> None:
    note = world.sandbox.qondor.add(credit_note(1, payment(2)))
    result = world.rehearse(note["id"])
    assert result.outcome is Outcome.WOULD_HOLD
    assert "Waits for its invoice T-2" in result.message


@pytest.mark.parametrize("state", ["Processed", "Failed"])
def test_what_was_dealt_with_elsewhere_is_left_alone(world: World, state: str) -> None:
    done = world.sandbox.qondor.add(payment(1, status={"Processed": 2, "Failed": 3}[state], statusText=state))
    result = world.transfer(done["id"])
    assert result.outcome is Outcome.HELD
    assert state.lower() in result.message
    assert world.sandbox.xero.invoices.rows() == []
    assert world.calls("qondor", "PUT") == []
