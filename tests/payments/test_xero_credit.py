"""What was cleared in Xero without a payment of its own: by advances, by credit notes, and credit notes themselves."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from invoice_bridge_core.payments.findings import Finding
from sandbox.ixpole.tenants import CLUB
from tests.payments.backflow import IXPOLE_XERO, ON, Backflow, backflow
from tests.systems.ixpole.instalments import credit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.sandbox import Sandbox


@pytest.fixture
def back(xero: Backflow) -> Backflow:
    return xero


@pytest.fixture
def ixpole(sandbox: Sandbox, ledger_url: str) -> Iterator[Backflow]:
    """iXpole to Xero, where credit notes are told of too."""
    back = backflow(sandbox, ledger_url, IXPOLE_XERO)
    back.change_route("payments", report_credit_notes=True)
    yield back
    back.world.close()


def set_off(back: Backflow) -> str:
    """The customer pays the first of two invoices twice, which settles the second; the overpayment's id."""
    back.bookkeeper.overpay(back.name_of(1), Decimal(back.total * 2), on=ON)
    return str(back.bookkeeper.set_off(back.name_of(2), on=ON + dt.timedelta(days=1)))


@pytest.mark.parametrize("settled_by_credit", ["report", "hold"])
def test_an_invoice_cleared_with_an_overpayment_is_paid(back: Backflow, settled_by_credit: str) -> None:
    back.change_route("payments", settled_by_credit=settled_by_credit)
    back.book(1, 2)
    overpayment = set_off(back)
    back.world.run_payments()
    assert back.source_says(2) == back.paid(overpayment, ON + dt.timedelta(days=1))
    assert (back.world.found(), back.people_read()) == ({}, [])


def test_beside_it_a_credit_note_alone_is_still_held(back: Backflow) -> None:
    back.change_route("payments", settled_by_credit="hold")
    back.book(1, 2, 3)
    set_off(back)
    back.bookkeeper.credit(back.name_of(3), on=ON)
    back.world.run_payments()
    assert back.world.found() == {back.source_id(3): Finding.CREDIT_HELD}


def booked_credit(back: Backflow) -> str:
    """A credit note from iXpole; its number in Xero."""
    back.world.sandbox.ixpole.add(credit(1), CLUB)
    back.world.run()
    back.world.run_payments()
    assert back.source_says(1)[1] is None
    return back.name_of(1)


def test_a_refunded_credit_note_is_told_by_the_refund(ixpole: Backflow) -> None:
    refund = ixpole.bookkeeper.refund(booked_credit(ixpole), on=ON)
    ixpole.world.run_payments()
    assert ixpole.source_says(1) == ixpole.paid(refund)


def test_a_credit_note_that_was_used_for_an_invoice_is_told_by_its_number(ixpole: Backflow) -> None:
    ixpole.book(2)
    number = booked_credit(ixpole)
    xero = ixpole.world.sandbox.xero
    [note], [invoice] = xero.credit_notes.rows(), xero.invoices.rows()
    used = {"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Amount": note["Total"], "Date": ON.isoformat()}
    xero.accounting.credit_notes.allocate(note, used)
    ixpole.world.run_payments()
    assert ixpole.source_says(1) == ixpole.paid(number)
