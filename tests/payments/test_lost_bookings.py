"""Bookings that finance holds no more under their ids, or cannot be asked for: deleted, or another organisation's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.errors import ConfigurationError
from invoice_bridge_core.payments.findings import Finding

if TYPE_CHECKING:
    from invoice_bridge_core.ports.booking_status import BookingStatus
    from tests.payments.backflow import Backflow


def status_of(back: Backflow, number: int) -> BookingStatus:
    entry = back.world.ledger.payments.status(back.world.ref(back.source_id(number)))
    assert entry is not None
    assert entry.booking_status is not None
    return entry.booking_status


def test_drafts_that_were_removed_in_quiddly_keep_no_payment_waiting(quiddly: Backflow) -> None:
    quiddly.book(3)
    quiddly.change_route("finance", activate=False)
    quiddly.book(1, 2, 4)
    invoices = quiddly.world.sandbox.quiddly.invoices
    for row in invoices.rows():
        if row["invoiceNumber"] in (quiddly.name_of(1), quiddly.name_of(2)):
            invoices.remove(row["id"])
    payment_id = quiddly.pay(3)
    quiddly.world.sandbox.clock.advance(3700)
    assert list(quiddly.world.run_payments()) == [quiddly.source_id(3)]
    assert quiddly.source_says(3) == quiddly.paid(payment_id)
    gone = {quiddly.source_id(number): Finding.GONE for number in (1, 2)}
    assert quiddly.world.found() == {**gone, quiddly.source_id(4): Finding.DRAFT}
    assert len(quiddly.people_read()) == 2
    quiddly.world.sandbox.clock.advance(3700)
    quiddly.world.sandbox.traffic.reset()
    assert quiddly.world.run_payments() == {}
    # The list of payments, and the one draft that is left.
    assert len(quiddly.world.calls("quiddly")) == 2


def test_a_path_that_leads_nowhere_neither_deletes_the_drafts_nor_keeps_payments_waiting(
    quiddly: Backflow, caplog: pytest.LogCaptureFixture
) -> None:
    quiddly.book(3)
    quiddly.change_route("finance", activate=False)
    quiddly.book(1, 2)
    quiddly.change_route("finance", invoice_path="/nowhere/{id}")
    quiddly.world.sandbox.clock.advance(3700)
    paid_meanwhile = quiddly.pay(3)
    assert list(quiddly.world.run_payments()) == [quiddly.source_id(3)]
    assert quiddly.source_says(3) == quiddly.paid(paid_meanwhile)
    assert "check the route's invoice_path" in caplog.text
    drafts = {quiddly.source_id(number): Finding.DRAFT for number in (1, 2)}
    assert (quiddly.world.found(), quiddly.people_read()) == (drafts, [])
    # Somebody mends the path, and nothing was lost meanwhile.
    quiddly.change_route("finance", invoice_path="/invoices/{id}")
    quiddly.bookkeeper.activate(quiddly.name_of(1))
    payment_id = quiddly.pay(1)
    quiddly.world.run_payments()
    quiddly.world.run_payments()
    assert quiddly.source_says(1) == quiddly.paid(payment_id)
    assert quiddly.world.found() == {quiddly.source_id(2): Finding.DRAFT}


def test_drafts_that_were_all_deleted_are_no_fault_of_the_path(
    quiddly: Backflow, caplog: pytest.LogCaptureFixture
) -> None:
    quiddly.change_route("finance", activate=False)
    quiddly.book(1, 2)
    for number in (1, 2):
        quiddly.bookkeeper.changes.delete(quiddly.name_of(number))
    quiddly.world.sandbox.clock.advance(3700)
    quiddly.world.run_payments()
    assert "invoice_path" not in caplog.text
    assert len(quiddly.people_read()) == 2


def test_drafts_that_cannot_be_asked_for_are_not_taken_for_deleted(quiddly: Backflow) -> None:
    quiddly.change_route("finance", activate=False, invoice_path=None)
    quiddly.book(1, 2)
    quiddly.world.sandbox.clock.advance(3700)
    assert quiddly.world.run_payments() == {}
    drafts = {quiddly.source_id(number): Finding.DRAFT for number in (1, 2)}
    assert (quiddly.world.found(), quiddly.people_read()) == (drafts, [])
    assert [entry.path for entry in quiddly.world.calls("quiddly") if "invoices" in entry.path] == []
    # As soon as they can be asked for, they are.
    quiddly.bookkeeper.activate(quiddly.name_of(1))
    payment_id = quiddly.pay(1)
    quiddly.change_route("finance", invoice_path="/invoices/{id}")
    quiddly.world.run_payments()
    quiddly.world.run_payments()
    assert quiddly.source_says(1) == quiddly.paid(payment_id)
    assert quiddly.world.found() == {quiddly.source_id(2): Finding.DRAFT}


@pytest.mark.parametrize("lost", [(1, 2), (1,)])
def test_what_is_told_beside_missing_bookings_is_kept_before_anybody_complains(
    xero: Backflow, lost: tuple[int, ...]
) -> None:
    xero.book(*lost, 3)
    invoices, world = xero.world.sandbox.xero.invoices, xero.world
    missing = [row for row in invoices.rows() if row["InvoiceNumber"] != xero.name_of(3)]
    for row in missing:
        invoices.remove(row["InvoiceID"])
    payment_id = xero.pay(3)
    name = f"payments of {world.route.route}"
    before = world.ledger.payments.cursor(name)
    world.sandbox.clock.advance(25 * 3600)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=f"knows none of the {len(lost)} open documents"):
            world.poll()
    assert status_of(xero, 3).is_paid_in_full
    assert {status_of(xero, number).is_gone for number in lost} == {False}
    after = world.ledger.payments.cursor(name)
    assert before is not None
    assert after is not None
    assert (after.cursor, after.asked_at) == (before.cursor, before.asked_at)
    # Somebody mends the connection.
    for row in missing:
        invoices.put(row)
    world.run_payments()
    assert xero.source_says(3) == xero.paid(payment_id)
    assert world.found() == {xero.source_id(number): Finding.OPEN for number in lost}
