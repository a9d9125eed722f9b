"""What transfer, payment run and daily close say of what people did: the same (docs/set_back.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.documents.states import DocumentState
from invoice_bridge_core.errors import NotResolvedError

if TYPE_CHECKING:
    from tests.set_back.people import People


def test_a_booking_that_is_gone_after_its_source_was_told(people: People) -> None:
    people.back.book(1)
    people.void()
    assert people.world.run() == {}
    people.back.world.run_payments()
    assert people.row().state is DocumentState.TRANSFERRED
    [kinds] = people.differences().values()
    assert kinds == (["voided in finance"] if people.back.into_xero else ["missing in finance"])
    if people.back.into_xero:
        [text] = people.back.people_read()
        assert "was voided or deleted in finance" in text


def test_all_bookings_are_gone_after_their_source_was_told(people: People) -> None:
    people.back.book(1, 2, 3)
    for number in (1, 2, 3):
        people.void(number)
    assert people.world.run() == {}
    people.world.run_payments()
    found = people.differences()
    assert len(found) == 3
    for kinds in found.values():
        assert kinds == (["voided in finance"] if people.back.into_xero else ["missing in finance"])


def test_a_booking_that_was_voided_after_its_payment_was_told_and_taken_back(xero: People) -> None:
    xero.back.book(1)
    xero.back.pay(1)
    xero.world.run_payments()
    xero.back.bookkeeper.unpay(xero.back.name_of(1))
    xero.void()
    xero.world.run_payments()
    [text] = xero.back.people_read()
    assert "after" in text
    assert "2026-11-20" in text
    assert xero.world.run() == {}


def test_what_is_set_back_is_a_contradiction_until_the_next_transfer(qondor: People) -> None:
    qondor.back.book(1)
    qondor.set_back()
    assert qondor.differences() == {"T-1": ["status differs"]}
    qondor.outcome()
    assert qondor.differences() == {}


def test_a_number_that_somebody_used_by_hand_is_never_adopted(people: People) -> None:
    people.back.book(2)
    changes = people.back.bookkeeper.changes
    if people.back.into_xero:
        changes.entered(people.back.name_of(1), Decimal("1.00"))
    else:
        changes.entered(people.back.name_of(1), like=people.back.name_of(2))
    people.back.add(1)
    assert people.outcome()[0] == "in doubt"
    assert people.told() is None
    assert people.row().booking is None


def test_a_number_that_was_changed_after_the_payment_was_told_is_noted(xero: People) -> None:
    xero.back.book(1)
    payment_id = xero.back.pay(1)
    xero.world.run_payments()
    xero.back.bookkeeper.renumber(xero.back.name_of(1), "R-7")
    xero.world.sandbox.traffic.reset()
    assert xero.differences() == {xero.row().number: ["number differs"]}
    assert xero.world.run_payments() == {}
    assert xero.world.booking(xero.back.source_id(1)).number == "R-7"
    assert xero.back.source_says(1) == xero.back.paid(payment_id)
    assert xero.world.calls(xero.world.route.source.system, "PUT") == []
    assert xero.differences() == {}


def test_a_number_that_was_changed_in_quiddly_is_for_a_person_since_payments_come_by_number(people: People) -> None:
    if people.back.into_xero:
        return
    people.back.book(1)
    name = people.back.name_of(1)
    people.back.bookkeeper.changes.renumber(name, "R-7")
    people.world.run_payments()
    [row] = [row for row in people.closed() if row.differences]
    assert row.contradictions == ("number differs",)
    assert f"Give it the number {name} again in Quiddly" in row.next_step
    people.back.bookkeeper.changes.renumber("R-7", name)
    assert people.differences() == {}


def test_a_total_or_contact_that_was_changed_after_the_report_is_said_by_the_daily_close(people: People) -> None:
    people.back.book(1)
    people.back.bookkeeper.changes.total(people.back.name_of(1), Decimal("5.00"))
    assert people.world.run() == {}
    [kinds] = people.differences().values()
    assert "total differs" in kinds


def test_a_finance_step_is_settled_by_what_finance_shows(xero: People) -> None:
    from tests.world import card_payment

    if not xero.back.from_qondor:
        return
    sandbox = xero.world.sandbox
    sandbox.fault("close", system="xero", path="*Payments*", when="after", count=1)
    sandbox.qondor.add(card_payment(1))
    with pytest.raises(Exception, match=r"."):
        xero.outcome()
    with pytest.raises(NotResolvedError, match="shows that the step payment of T-1 was done"):
        xero.says_step("payment", is_done=False)
    assert "Xero shows it" in xero.says_step("payment", is_done=True)
    assert xero.outcome()[0] == "transferred"
    assert len(sandbox.xero.payments.rows()) == 1
