"""What every route does with payments, whatever its two systems are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.payments.findings import Finding

if TYPE_CHECKING:
    from tests.payments.backflow import Backflow


def test_a_payment_in_full_is_told_once(back: Backflow) -> None:
    back.book(1, 2)
    assert set(back.world.found().values()) == {Finding.OPEN}
    payment_id = back.pay(1)
    assert [result.outcome for result in back.world.run_payments().values()] == [Outcome.REPORTED_PAID]
    assert (back.source_says(1), back.source_says(2)) == (back.paid(payment_id), back.unpaid())
    assert len(back.reports()) == 1
    assert back.world.report_paid(back.source_id(1)).outcome is Outcome.ALREADY_REPORTED_PAID
    assert back.world.report_paid(back.source_id(2)).outcome is Outcome.NOT_PAID
    assert (back.world.run_payments(), back.world.found()) == ({}, {back.source_id(2): Finding.OPEN})
    assert len(back.reports()) == 1


def test_parts_over_several_polls_are_told_when_the_last_one_has_come(back: Backflow) -> None:
    back.book(1)
    for day, amount in enumerate((Decimal(100), Decimal("200.50"))):
        back.pay(1, amount, back_day(day))
        assert (back.world.run_payments(), back.source_says(1)) == ({}, back.unpaid())
        assert back.world.found() == {back.source_id(1): Finding.PART_PAID}
    last = back.pay(1, on=back_day(2))
    assert len(back.world.run_payments()) == 1
    assert back.source_says(1) == back.paid(last, back_day(2))


def test_an_answer_that_was_lost_is_not_taken_for_a_failure_nor_told_otherwise(back: Backflow) -> None:
    back.book(1)
    payment_id = back.pay(1)
    system = back.world.route.source.system
    back.world.sandbox.fault("close", system=system, method="PUT", when="after", count=1)
    back.world.run_payments()
    assert back.source_says(1) == back.paid(payment_id)
    assert [result.outcome for result in back.world.run_payments().values()] == [Outcome.REPORTED_PAID]
    assert back.source_says(1) == back.paid(payment_id)
    # Qondor shows that it was told; iXpole does not, and is told the same once more.
    assert len(back.reports()) == (1 if back.from_qondor else 2)
    assert len({str(report) for report in back.reports()}) == 1
    assert back.world.found() == {}


def test_a_payment_that_was_taken_back_after_the_answer_was_lost_is_known_to_have_been_told(back: Backflow) -> None:
    back.book(1)
    payment_id = back.pay(1)
    back.world.sandbox.fault("close", system=back.world.route.source.system, method="PUT", when="after", count=1)
    back.world.run_payments()
    (back.bookkeeper.unpay if back.into_xero else back.bookkeeper.correct)(back.name_of(1))
    back.world.run_payments()
    assert back.source_says(1) == back.paid(payment_id)
    [text] = back.people_read()
    known = f"Qondor was told that {back.world.row(back.source_id(1)).number} was paid on 2026-11-20. Since then"
    assert text.startswith(known if back.from_qondor else "iXpole may have been told")
    again = back.pay(1)
    back.world.run_payments()
    assert back.people_read() == []
    assert back.source_says(1) == (back.paid(payment_id) if back.from_qondor else back.paid(again))


def test_what_the_source_refuses_is_told_to_people_and_tried_a_day_later(back: Backflow) -> None:
    back.book(1)
    payment_id = back.pay(1)
    kept = back.document(1)
    back.documents.remove(kept[back.documents.key])
    [result] = back.world.run_payments().values()
    assert (result.outcome, back.people_read()) == (Outcome.HELD, [result.message])
    sent = len(back.reports())
    assert (back.world.run_payments(), len(back.reports())) == ({}, sent)
    back.documents.put(kept)
    back.world.sandbox.clock.advance(25 * 3600)
    assert len(back.world.run_payments()) == 1
    assert (back.source_says(1), back.people_read()) == (back.paid(payment_id), [])


def back_day(days: int) -> dt.date:
    """Days after the twentieth of November."""
    return dt.date(2026, 11, 20) + dt.timedelta(days=days)
