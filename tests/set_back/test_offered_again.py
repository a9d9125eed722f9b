"""A document that its source offers again after it was reported: the source's word counts (docs/set_back.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.commands.describe import describe
from invoice_bridge_core.documents import format_amount
from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import NotResolvedError
from invoice_bridge_core.ports import WaitingItem

if TYPE_CHECKING:
    from tests.set_back.people import People


def test_what_is_still_booked_is_told_again_and_said(people: People) -> None:
    people.back.book(1)
    people.set_back()
    outcome, message = people.outcome()
    assert outcome == "transferred"
    assert "offered it again. It is still booked in" in message
    assert people.back.source_says(1) == people.back.unpaid()
    assert people.told() == people.reference()
    assert people.living() == [people.back.name_of(1)]
    notes = [change.note for change in people.world.ledger.history(people.row())]
    assert any("offers it again" in note for note in notes)
    assert people.differences() == {}
    assert people.world.run() == {}


def test_its_payment_is_told_as_before_and_told_again_if_it_had_been(people: People) -> None:
    people.back.book(1)
    people.set_back()
    people.outcome()
    payment_id = people.back.pay(1)
    people.world.run_payments()
    assert people.back.source_says(1) == people.back.paid(payment_id)
    people.set_back()
    assert people.outcome()[0] == "transferred"
    assert people.back.source_says(1)[0] == people.back.unpaid()[0]
    people.world.run_payments()
    assert people.back.source_says(1) == people.back.paid(payment_id)
    assert people.differences() == {}


def test_it_is_told_as_often_as_it_is_set_back(people: People) -> None:
    people.back.book(1)
    for _ in range(3):
        people.set_back()
        assert people.outcome()[0] == "transferred"
    assert people.living() == [people.back.name_of(1)]


def test_what_is_gone_is_held_until_a_person_says_that_it_is_to_be_booked_anew(people: People) -> None:
    people.back.book(1)
    people.set_back()
    people.void()
    outcome, message = people.outcome()
    assert outcome == "held"
    assert people.back.name_of(1) in message
    assert "airflow invoice-bridge resolve" in message
    if people.back.into_xero:
        assert "keeps the number" in message
        with pytest.raises(NotResolvedError, match="keeps the number of what was voided"):
            people.says_not_booked()
        finance = people.world.route.finance.model_copy(update={"number_prefix": "N-"})
        people.world.route = people.world.route.model_copy(update={"finance": finance})
    assert people.living() == []
    people.says_not_booked()
    assert people.outcome()[0] == "transferred"
    assert len(people.living()) == 1
    assert people.told() == people.reference()
    payment_id = str(people.back.bookkeeper.pay(people.world.booking(people.back.source_id(1)).number, on=None))
    people.world.run_payments()
    assert people.back.source_says(1)[0] == people.back.paid(payment_id)[0]
    assert people.differences() == {}


def test_a_draft_that_was_deleted_is_booked_anew_under_its_own_number(xero: People) -> None:
    xero.back.change_route("finance", invoice_status="DRAFT")
    xero.back.book(1)
    xero.set_back()
    xero.back.bookkeeper.delete(xero.back.name_of(1))
    outcome, message = xero.outcome()
    assert (outcome, "was deleted in Xero" in message, "--not-booked" in message) == ("held", True, True)
    xero.says_not_booked()
    assert xero.outcome()[0] == "transferred"
    assert xero.living() == [xero.back.name_of(1)]


def test_another_booking_may_stand_for_what_is_gone(xero: People) -> None:
    xero.back.book(1)
    xero.set_back()
    xero.void()
    assert xero.outcome()[0] == "held"
    known = xero.world.booking(xero.back.source_id(1))
    made = xero.back.bookkeeper.changes.entered(
        "H-1", known.total, CurrencyCode=known.currency, Date="2026-11-15", DueDate="2026-12-15"
    )
    xero.says_booked_as("H-1")
    assert xero.outcome()[0] == "transferred"
    assert xero.world.booking(xero.back.source_id(1)).finance_id == made["InvoiceID"]
    assert xero.told() == (made["InvoiceID"] if xero.back.from_qondor else "H-1")


def test_nothing_is_booked_anew_while_the_old_booking_counts(people: People) -> None:
    people.back.book(1)
    people.set_back()
    people.back.bookkeeper.changes.total(people.back.name_of(1), Decimal("777.00"))
    outcome, message = people.outcome()
    assert outcome == "held"
    assert "777.00" in message
    with pytest.raises(NotResolvedError, match="still has that"):
        people.says_not_booked()
    with pytest.raises(NotResolvedError, match="so it was not told"):
        people.says_told()
    people.back.bookkeeper.changes.total(people.back.name_of(1), Decimal(people.back.total))
    assert people.outcome()[0] == "transferred"


def test_what_show_offers_for_another_total_is_what_resolve_takes(people: People) -> None:
    people.back.book(1)
    people.set_back()
    people.back.bookkeeper.changes.total(people.back.name_of(1), Decimal("777.00"))
    assert people.outcome()[0] == "held"
    row = people.row()
    shown = describe(row, people.world.ledger.steps(row), people.world.ledger.history(row))
    wanted = f"{format_amount(Decimal(people.back.total))} {row.currency}"
    assert f"Its currency and total have to be the document's, {wanted}" in shown
    finance_id = people.world.booking(people.back.source_id(1)).finance_id
    with pytest.raises(NotResolvedError, match=r"its total is 777\.00"):
        people.says_booked_as(finance_id)
    people.back.bookkeeper.changes.total(people.back.name_of(1), Decimal(people.back.total))
    people.says_booked_as(finance_id)
    assert people.outcome()[0] == "transferred"


def test_another_currency_or_contact_is_held_with_both_values(people: People) -> None:
    people.back.book(1, 2)
    known = people.world.booking(people.back.source_id(2))
    changes = people.back.bookkeeper.changes
    changes.currency(people.back.name_of(1), "USD")
    if people.back.into_xero:
        other = people.world.sandbox.xero.add_contact(Name="Somebody else")["ContactID"]
    else:
        other = "C-77"
    changes.contact(people.back.name_of(2), other)
    people.set_back(1)
    people.set_back(2)
    ended = people.world.run()
    first, second = (ended[people.back.source_id(number)] for number in (1, 2))
    assert (str(first.outcome), str(second.outcome)) == ("held", "held")
    assert "and is USD" in first.message
    assert f"its contact was {known.contact_id} and is {other}" in second.message
    people.says_booked_as(known.finance_id, 2)
    assert people.outcome(2)[0] == "transferred"


def test_a_contact_that_was_merged_into_another_is_no_other_contact(xero: People) -> None:
    xero.back.book(1)
    known = xero.world.booking(xero.back.source_id(1))
    into = xero.world.sandbox.xero.add_contact(Name="Group Invoices AS")["ContactID"]
    xero.world.sandbox.xero.merge_contacts(known.contact_id, into)
    xero.back.bookkeeper.changes.contact(xero.back.name_of(1), into)
    xero.set_back(1)
    assert xero.outcome()[0] == "transferred"


def test_another_number_is_taken_over_and_told(people: People) -> None:
    people.back.book(1)
    people.set_back()
    bookkeeper = people.back.bookkeeper
    (bookkeeper if people.back.into_xero else bookkeeper.changes).renumber(people.back.name_of(1), "R-7")
    assert people.outcome()[0] == "transferred"
    assert people.world.booking(people.back.source_id(1)).number == "R-7"
    assert people.told() == people.reference()


def test_a_list_that_is_older_than_the_report_takes_nothing_up(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the queue lists may have been reported before the ledger was read."""
    people.back.add(1)
    people.world.run()
    source, _ = people.world.systems()
    newest = type(source).waiting
    old = [WaitingItem(people.back.source_id(1), "an entry")]
    lists = iter([lambda _: old])
    monkeypatch.setattr(type(source), "waiting", lambda self: next(lists, newest)(self))
    before = people.world.ledger.history(people.row())
    selection = people.world.select()
    assert (selection.invoices, dict(selection.left)) == ([], {"already transferred": 1})
    assert people.world.ledger.history(people.row()) == before


def test_a_document_that_was_told_between_the_queue_and_its_task_is_not_told_again(people: People) -> None:
    people.back.book(1)
    people.set_back()
    assert len(people.world.select().invoices) == 1
    if people.back.from_qondor:
        people.world.sandbox.qondor.administrator.set_processed(people.back.source_id(1), people.reference())
    else:
        people.enter_invoice()
    people.world.sandbox.traffic.reset()
    assert str(people.world.transfer(people.back.source_id(1)).outcome) == "already transferred"
    assert people.world.calls(people.world.route.source.system, "PUT") == []
    assert people.row().state is DocumentState.TRANSFERRED


def test_a_source_that_cannot_be_asked_again_changes_nothing(people: People) -> None:
    people.back.book(1)
    people.set_back()
    selection = people.world.select()
    assert len(selection.invoices) == 1
    people.world.sandbox.fault("close", system=people.world.route.source.system, method="GET", count=9)
    with pytest.raises(Exception, match=r"."):
        people.world.transfer(people.back.source_id(1))
    people.world.sandbox.faults.clear()
    row = people.row()
    assert (row.state, row.lease_owner) == (DocumentState.TRANSFERRED, None)
    assert people.outcome()[0] == "transferred"


def test_a_report_whose_answer_is_lost_is_not_taken_for_another_setting_back(people: People) -> None:
    people.back.book(1)
    people.set_back()
    people.world.sandbox.fault("close", system=people.world.route.source.system, method="PUT", when="after", count=1)
    people.world.run()
    assert people.outcome()[0] == "transferred"
    assert people.told() == people.reference()
    assert people.world.run() == {}


def test_what_was_rejected_and_is_offered_again_is_looked_at_anew(qondor: People) -> None:
    from tests.world import line

    sandbox, source_id = qondor.world.sandbox, qondor.back.source_id(1)
    qondor.back.add(2)
    assert qondor.outcome(2)[0] == "transferred"
    qondor.back.add(1)
    claim = qondor.world.ledger.claim(qondor.world.ref(source_id), route=qondor.world.route.route, claimant="before")
    assert claim is not None
    claim.steps.intend("rejection")
    claim.steps.done("rejection")
    claim.rejected("Article code 'NONE' not found in finance system")
    sandbox.qondor.payments.change(source_id, status=3, statusText="Failed")
    assert qondor.world.run() == {}
    sandbox.qondor.administrator.change(source_id, lines=[line()])
    qondor.set_back()
    assert qondor.outcome()[0] == "transferred"
    assert qondor.back.name_of(1) in qondor.living()
    notes = [change.note for change in qondor.world.ledger.history(qondor.row())]
    assert any(note.startswith("it was rejected, and Qondor offers it again") for note in notes)


def test_card_money_that_was_taken_back_keeps_a_card_payment_from_being_told_again(qondor: People) -> None:
    from tests.world import card_payment

    card = card_payment(1) if qondor.back.into_xero else {**card_payment(1), "currency": "SEK", "currencyCode": 752}
    qondor.world.sandbox.qondor.add(card)
    assert qondor.outcome()[0] == "transferred"
    qondor.set_back()
    assert qondor.outcome()[0] == "transferred"
    if not qondor.back.into_xero:
        return
    qondor.set_back()
    qondor.back.bookkeeper.unpay(qondor.back.name_of(1))
    outcome, message = qondor.outcome()
    assert (outcome, "its card money is no longer booked, and 10 000.00 NOK are open" in message) == ("held", True)
    qondor.back.bookkeeper.pay(qondor.back.name_of(1))
    assert qondor.outcome()[0] == "transferred"
