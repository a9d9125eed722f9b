"""Payments that wait long before their source can hear: finance is asked again first, for many at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.ledger.database.tables import SCHEMA
from invoice_bridge_core.payments.findings import Finding
from tests.connections.connection_rows import change
from tests.payments.backflow import ON, Backflow
from tests.world import payment

if TYPE_CHECKING:
    from tests.world import World


@pytest.fixture
def back(xero: Backflow) -> Backflow:
    return xero


def paid_long_ago(back: Backflow, count: int) -> None:
    """That many documents were paid and seen to be; their source could not be told for two hours."""
    numbers = range(1, count + 1)
    back.book(*numbers)
    for number in numbers:
        back.pay(number)
    back.world.poll()
    for row in back.world.sandbox.xero.invoices.rows():
        back.world.sandbox.xero.invoices.change(row["InvoiceID"], UpdatedDateUTC="2026-11-01T00:00:00")
    seen_long_ago(back.world)
    back.world.sandbox.traffic.reset()


def seen_long_ago(world: World) -> None:
    with world.ledger.transaction() as connection:
        connection.execute(sa.text(f"UPDATE {SCHEMA}.payment_statuses SET seen_at = seen_at - interval '2 hours'"))


def test_they_are_asked_for_forty_at_a_time_and_not_by_each_task(back: Backflow) -> None:
    paid_long_ago(back, 50)
    ended = back.world.run_payments()
    assert [result.outcome for result in ended.values()] == [Outcome.REPORTED_PAID] * 50
    # One poll of what changed, and two of all that wait; iXpole wants the numbers of their payments too.
    assert len(back.world.calls("xero")) == (3 if back.from_qondor else 5)


def test_what_was_taken_back_meanwhile_is_not_told(back: Backflow) -> None:
    paid_long_ago(back, 3)
    back.bookkeeper.unpay(back.name_of(2))
    [row] = [row for row in back.world.sandbox.xero.invoices.rows() if row["InvoiceNumber"] == back.name_of(2)]
    back.world.sandbox.xero.invoices.change(row["InvoiceID"], UpdatedDateUTC="2026-11-01T00:00:00")
    assert list(back.world.run_payments()) == [back.source_id(1), back.source_id(3)]
    assert (back.source_says(2), back.world.found()) == (back.unpaid(), {back.source_id(2): Finding.OPEN})


def test_they_wait_while_what_is_left_of_the_day_belongs_to_the_transfers(back: Backflow) -> None:
    paid_long_ago(back, 3)
    change(back.world, day_left=200, day_size=1000)
    assert (back.world.run_payments(), back.world.calls("xero"), back.reports()) == ({}, [], [])
    # Somebody who clears a task has it looked at all the same.
    assert back.world.report_paid(back.source_id(2)).outcome is Outcome.REPORTED_PAID
    assert len(back.world.calls("xero")) == 1
    change(back.world, day_left=900, day_size=1000)
    assert list(back.world.run_payments()) == [back.source_id(1), back.source_id(3)]


def test_what_was_seen_lately_is_not_asked_for_again(world: World) -> None:
    world.sandbox.qondor.add(payment(1))
    world.run()
    world.sandbox.xero.bookkeeper.pay("T-1", on=ON)
    world.poll()
    world.sandbox.traffic.reset()
    assert [result.outcome for result in world.run_payments().values()] == [Outcome.REPORTED_PAID]
    assert len(world.calls("xero")) == 1
