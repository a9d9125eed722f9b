"""A payment but for a small rest, and nothing to pay at all, on each of the four routes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from invoice_bridge_core.documents.outcomes import Outcome
from invoice_bridge_core.payments.findings import Finding
from sandbox.ixpole.tenants import ARENA, CLUB
from tests.payments.backflow import ON
from tests.systems.ixpole.instalments import instalment
from tests.systems.ixpole.instalments import line as ixpole_line
from tests.world import line, payment

if TYPE_CHECKING:
    from tests.payments.backflow import Backflow


def test_a_payment_that_leaves_the_tolerance_is_in_full_and_the_rest_is_named_once(back: Backflow) -> None:
    back.change_route("payments", tolerance=Decimal("1.00"))
    back.book(1)
    payment_id = back.pay(1, Decimal(back.total) - Decimal("0.40"))
    [result] = back.world.run_payments().values()
    assert result.outcome is Outcome.REPORTED_PAID
    assert "due" in result.message
    assert "0.40 left" in result.message
    assert back.source_says(1) == back.paid(payment_id)
    history = back.world.ledger.history(back.world.row(back.source_id(1)))
    assert any("0.40 left" in str(change) for change in history)
    [remark] = back.people_read()
    assert "0.40 left" in remark
    back.world.ledger.payments.announced({back.world.row(back.source_id(1)).id: remark})
    assert back.people_read() == []
    # What is paid later, or taken back, is as of any other payment.
    back.pay(1, Decimal("0.40"), ON + dt.timedelta(days=9))
    assert back.world.run_payments() == {}
    assert len(back.reports()) == 1


@pytest.mark.parametrize(("tolerance", "left"), [("1.00", "1.01"), ("0", "0.01")])
def test_a_rest_beyond_the_tolerance_is_a_part(back: Backflow, tolerance: str, left: str) -> None:
    back.change_route("payments", tolerance=Decimal(tolerance))
    back.book(1)
    back.pay(1, Decimal(back.total) - Decimal(left))
    assert back.world.run_payments() == {}
    assert back.world.found() == {back.source_id(1): Finding.PART_PAID}


def test_without_a_tolerance_of_its_own_the_policys_counts(quiddly: Backflow) -> None:
    quiddly.change_route("policy", total_tolerance=Decimal("1.00"))
    quiddly.book(1)
    quiddly.pay(1, Decimal(quiddly.total) - Decimal("0.40"))
    assert len(quiddly.world.run_payments()) == 1


def test_what_was_counted_as_in_full_and_taken_back_is_said(back: Backflow) -> None:
    back.change_route("payments", tolerance=Decimal("1.00"))
    back.book(1)
    back.pay(1, Decimal(back.total) - Decimal("0.40"))
    back.world.run_payments()
    (back.bookkeeper.unpay if back.into_xero else back.bookkeeper.correct)(back.name_of(1))
    back.world.run_payments()
    assert back.world.found() == {back.source_id(1): Finding.REMOVED}


def test_nothing_paid_is_never_in_full_however_small_the_total(back: Backflow) -> None:
    back.change_route("payments", tolerance=Decimal(10))
    add_over(back, 1, Decimal("4.00"))
    back.book()
    assert back.world.run_payments() == {}
    assert back.world.found() == {back.source_id(1): Finding.OPEN}


def test_nothing_to_pay_is_paid_on_the_invoice_date(back: Backflow) -> None:
    add_over(back, 1, Decimal(0))
    back.book()
    invoice_date = dt.date(2026, 11, 2 if back.from_qondor else 15)
    assert back.source_says(1) == back.paid(back.name_of(1), invoice_date)
    assert back.world.found() == {}
    assert back.world.run_payments() == {}


def test_a_draft_over_nothing_is_paid_once_it_is_authorised(back: Backflow) -> None:
    back.change_route("finance", **({"invoice_status": "DRAFT"} if back.into_xero else {"activate": False}))
    add_over(back, 1, Decimal(0))
    back.book()
    assert back.source_says(1)[0] not in ("Paid", "Received")
    (back.bookkeeper.authorise if back.into_xero else back.bookkeeper.activate)(back.name_of(1))
    later = back.world.now() + dt.timedelta(hours=2)
    back.world.run_payments(later)
    back.world.run_payments(later)
    assert back.source_says(1)[0] in ("Paid", "Received")


def add_over(back: Backflow, number: int, net: Decimal) -> None:
    """Let a document over an amount wait in the source; iXpole's has 6 % of VAT, Qondor's none."""
    if back.from_qondor:
        amounts: dict[str, Any] = {"totalExclVat": net, "vatAmount": 0, "totalInclVat": net}
        prices: dict[str, Any] = {"unitPriceExclVat": net, "unitPriceInclVat": net}
        currency: dict[str, Any] = {} if back.into_xero else {"currency": "SEK", "currencyCode": 752}
        free = line("VAT0", vatPercentage=0, **prices, **amounts)
        back.world.sandbox.qondor.add(payment(number, lines=[free], **amounts, **currency))
        return
    vat = (net * 6 / 100).quantize(Decimal("0.01"))
    amounts = {"AmountExclVat": net, "VatAmount": vat, "AmountInclVat": net + vat}
    only = ixpole_line(Quantity=1, UnitPrice=net, **amounts)
    back.world.sandbox.ixpole.add(instalment(number, Lines=[only], **amounts), CLUB if back.into_xero else ARENA)
