"""What a source says of a booking that somebody else told it of, and what a person can say then (docs/set_back.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.states import DocumentState, StepState
from invoice_bridge_core.errors import BridgeError, NotResolvedError

if TYPE_CHECKING:
    from tests.set_back.people import People


def booked_and_refused(people: People) -> str:
    """Document 1 is booked, and its report refused; returns what the run said."""
    people.refuse_reports(count=1)
    people.back.add(1)
    outcome, message = people.outcome()
    assert outcome == "held"
    assert people.back.name_of(1) in message
    return message


def test_a_refused_report_is_tried_again_and_ends(people: People) -> None:
    booked_and_refused(people)
    assert people.outcome()[0] == "transferred"
    assert people.told() == people.reference()


def test_what_was_entered_by_hand_after_a_refused_report_is_told_and_so_is_its_payment(ixpole: People) -> None:
    booked_and_refused(ixpole)
    ixpole.world.sandbox.ixpole.seller.enter_invoice(
        ixpole.back.source_id(1), ixpole.back.name_of(1), tenant=ixpole.tenant
    )
    assert ixpole.outcome()[0] == "transferred"
    payment_id = ixpole.back.pay(1)
    ixpole.world.run_payments()
    assert ixpole.back.source_says(1) == ixpole.back.paid(payment_id)


def test_a_person_says_that_it_was_told_where_the_source_goes_on_refusing(ixpole: People) -> None:
    booked_and_refused(ixpole)
    ixpole.world.sandbox.ixpole.seller.enter_invoice(
        ixpole.back.source_id(1), ixpole.back.name_of(1), tenant=ixpole.tenant
    )
    ixpole.refuse_reports()
    outcome, message = ixpole.outcome()
    assert outcome == "held"
    assert f"is booked in finance as {ixpole.back.name_of(1)}" in message
    assert "say “Its source was told” on the page Invoices in Airflow (without that page: airflow " in message
    assert f"resolve {ixpole.row().ref} --told)" in message
    assert "no longer offers it" in ixpole.says_told()
    assert ixpole.row().state is DocumentState.TRANSFERRED
    ixpole.world.sandbox.faults.clear()
    payment_id = ixpole.back.pay(1)
    ixpole.world.run_payments()
    assert ixpole.back.source_says(1) == ixpole.back.paid(payment_id)
    assert ixpole.differences() == {}


def test_a_booking_whose_source_was_never_told_is_named_when_the_source_loses_it(people: People) -> None:
    people.world.sandbox.fault("unavailable", system=people.world.route.source.system, method="PUT")
    people.back.add(1)
    people.world.run()
    people.world.sandbox.faults.clear()
    source_id = people.back.source_id(1)
    if people.back.from_qondor:
        people.world.sandbox.qondor.administrator.remove(source_id)
    else:
        people.world.sandbox.ixpole.seller.remove(source_id, people.tenant)
    outcome, message = people.outcome()
    assert outcome == "held"
    assert people.back.name_of(1) in message
    assert "--told" in message
    assert people.living() == [people.back.name_of(1)]


def test_a_person_cannot_say_that_a_waiting_document_was_told(people: People) -> None:
    booked_and_refused(people)
    with pytest.raises(NotResolvedError, match="so it was not told"):
        people.says_told()
    assert people.row().state is DocumentState.HELD


def test_another_reference_is_never_overwritten(qondor: People) -> None:
    booked_and_refused(qondor)
    administrator, source_id = qondor.world.sandbox.qondor.administrator, qondor.back.source_id(1)
    administrator.set_processed(source_id, "FORTNOX-77")
    outcome, message = qondor.outcome()
    assert outcome == "held"
    assert "says processed with reference FORTNOX-77" in message
    assert qondor.reference() in message
    assert qondor.told() == "FORTNOX-77"
    assert "other reference" in qondor.differences()["T-1"]
    administrator.set_processed(source_id, qondor.back.name_of(1).lower())
    assert qondor.outcome()[0] == "transferred"
    assert qondor.told() == qondor.back.name_of(1).lower()


def test_a_person_lets_another_reference_stand(qondor: People) -> None:
    booked_and_refused(qondor)
    qondor.world.sandbox.qondor.administrator.set_processed(qondor.back.source_id(1), "FORTNOX-77")
    qondor.outcome()
    assert "processed with reference FORTNOX-77" in qondor.says_told()
    assert qondor.row().state is DocumentState.TRANSFERRED
    assert qondor.world.run() == {}
    qondor.back.pay(1)
    qondor.world.run_payments()
    assert qondor.back.source_says(1)[0] == "Paid"


def test_what_was_set_as_processed_without_a_reference_gets_ours(qondor: People) -> None:
    booked_and_refused(qondor)
    qondor.world.sandbox.qondor.administrator.set_processed(qondor.back.source_id(1))
    assert qondor.outcome()[0] == "transferred"
    assert qondor.told() == qondor.reference()


def test_what_is_gone_before_its_source_was_told_is_never_reported(people: People) -> None:
    booked_and_refused(people)
    people.void()
    outcome, message = people.outcome()
    assert outcome == "held"
    assert "was not told yet, but" in message
    assert people.told() is None
    if not people.back.into_xero:
        people.says_not_booked()
        assert people.outcome()[0] == "transferred"
        assert people.living() == [people.back.name_of(1)]


def test_another_amount_in_the_source_after_the_booking_is_held_with_both(people: People) -> None:
    booked_and_refused(people)
    source_id = people.back.source_id(1)
    if people.back.from_qondor:
        people.world.sandbox.qondor.administrator.change(source_id, totalInclVat=12345)
    else:
        people.world.sandbox.ixpole.seller.change(source_id, people.tenant, AmountExclVat=12309, AmountInclVat=12345)
    outcome, message = people.outcome()
    assert outcome == "held"
    booked = "10 000.00" if people.back.from_qondor else "636.00"
    assert (booked in message, "12 345.00" in message) == (True, True)
    assert people.told() is None


def test_a_number_that_the_source_takes_for_a_drafts_is_to_be_changed_in_finance(ixpole: People) -> None:
    ixpole.back.book(1)
    bookkeeper = ixpole.back.bookkeeper
    if not ixpole.back.into_xero:
        return
    bookkeeper.renumber(ixpole.back.name_of(1), "D-77")
    ixpole.world.run_payments()
    [text] = ixpole.back.people_read()
    assert "number_prefix" not in text
    assert "Give it another number in Xero" in text
    assert ixpole.told() == ixpole.back.name_of(1)
    bookkeeper.renumber("D-77", "R-77")
    ixpole.world.run_payments()
    assert ixpole.told() == "R-77"
    assert ixpole.back.people_read() == []


def test_a_payment_that_was_told_by_hand(ixpole: People) -> None:
    ixpole.back.book(1)
    ixpole.back.pay(1)
    ixpole.refuse_reports()
    ixpole.world.run_payments()
    [text] = ixpole.back.people_read()
    assert "refuses the report" in text
    with pytest.raises(NotResolvedError, match="add --i-looked"):
        ixpole.says_step("report of the payment", is_done=True)
    ixpole.says_step("report of the payment", is_done=True, i_looked=True)
    ixpole.world.sandbox.faults.clear()
    assert ixpole.world.run_payments() == {}
    assert ixpole.back.people_read() == []


@pytest.mark.parametrize("step", ["rejection", "no such step"])
def test_a_step_that_is_not_open_is_refused(qondor: People, step: str) -> None:
    qondor.back.book(1)
    with pytest.raises(NotResolvedError, match="has no step"):
        qondor.says_step(step, is_done=True)


@pytest.mark.parametrize("arrived", [True, False])
def test_a_step_in_finance_is_settled_before_a_person_may_say_that_the_source_was_told(
    ixpole: People, *, arrived: bool
) -> None:
    if ixpole.back.into_xero:
        return
    when = "after" if arrived else "before"
    ixpole.world.sandbox.fault("close", system="quiddly", method="PUT", path="*activate*", when=when, count=1)
    ixpole.back.add(1)
    with pytest.raises(BridgeError):
        ixpole.outcome()
    ixpole.enter_invoice()
    assert ixpole.outcome()[0] == "held"
    if not arrived:
        with pytest.raises(NotResolvedError, match="say --done activation or --not-done activation first"):
            ixpole.says_told()
        ixpole.says_step("activation", is_done=False, i_looked=True)
    ixpole.says_told()
    [step] = [record for record in ixpole.world.ledger.steps(ixpole.row()) if record.step == "activation"]
    assert step.state is (StepState.DONE if arrived else StepState.REFUSED)
    assert ixpole.row().state is DocumentState.TRANSFERRED


def test_a_booking_that_was_changed_or_deleted_before_the_source_was_told_is_not_told(people: People) -> None:
    people.refuse_reports()
    people.back.add(1, 2)
    people.world.run()
    people.world.sandbox.faults.clear()
    people.back.bookkeeper.changes.total(people.back.name_of(1), Decimal("777.00"))
    people.void(2)
    ended = people.world.run()
    first, second = (ended[people.back.source_id(number)] for number in (1, 2))
    assert (first.outcome, second.outcome) == ("held", "held")
    assert "777.00" in first.message
    assert people.told(1) is None
    assert people.told(2) is None
    people.back.bookkeeper.changes.total(people.back.name_of(1), Decimal(people.back.total))
    assert people.outcome()[0] == "transferred"
